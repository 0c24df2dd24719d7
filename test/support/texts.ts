/** Texts that nobody would write, and somebody will send. */
export const UNTRUSTED: readonly string[] = [
  '',
  ' \n\t\u3000',
  '\0\u0001\u001f\u007f\u0085',
  '\ud800',
  '\udc00\ud800 a\ud83d b\ude00',
  'a\u200db\u200b\ufeffc\u00ad',
  `e${'\u0301'.repeat(5000)}`,
  '👨‍👩‍👧‍👦'.repeat(300),
  '好'.repeat(3000),
  'สวัสดีครับ'.repeat(300),
  'x'.repeat(100_000),
  'good '.repeat(20_000),
  '!?'.repeat(10_000),
  '__proto__ constructor toString hasOwnProperty',
  '\u202eright to left\u202c',
  Array.from({ length: 3000 }, (_, i) => `word${i}`).join(' '),
];
