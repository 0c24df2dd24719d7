import { firstAbove, uniform, zipf } from './texts.ts';

/** Sounds as English words have them, so that lengths and letters are like those of real texts. */
const ONSETS = [
  '',
  'b',
  'c',
  'd',
  'f',
  'g',
  'h',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'w',
  'st',
  'tr',
  'th',
  'ch',
];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou', 'e'];
const CODAS = ['', '', 'n', 't', 's', 'r', 'd', 'l', 'nd', 'st', 'ng', "n't"];
const NUM_WORDS = 20_000;
const TEXT_WORDS = 200;

/** Made-up texts that look English to a tokenizer: ASCII, capitals, commas, full stops, here and there a number. */
export function drawEnglish(module: WebAssembly.Module, count: number): string[] {
  const words = drawWords(module);
  const sums = zipf(NUM_WORDS);
  const total = count * TEXT_WORDS;
  const ranks = uniform(module, total, 11).map((u) => firstAbove(sums, u * sums[NUM_WORDS - 1]));
  const marks = uniform(module, total, 12);
  const texts = new Array<string>(count);
  for (let row = 0; row < count; row++) {
    let text = '';
    let capital = true;
    for (let at = row * TEXT_WORDS; at < (row + 1) * TEXT_WORDS; at++) {
      const word = marks[at] < 0.01 ? String(ranks[at]) : words[ranks[at]];
      text += capital ? word[0].toUpperCase() + word.slice(1) : word;
      capital = marks[at] > 0.94;
      text += capital ? '. ' : marks[at] > 0.88 ? ', ' : ' ';
    }
    texts[row] = text;
  }
  return texts;
}

/** Frequent words are short: one syllable up to rank 200, then two, then three. */
function drawWords(module: WebAssembly.Module): string[] {
  const draws = uniform(module, NUM_WORDS * 9, 10);
  const pick = (list: readonly string[], draw: number) => list[Math.floor(draw * list.length)];
  return Array.from({ length: NUM_WORDS }, (_, rank) => {
    const syllables = rank < 200 ? 1 : rank < 5000 ? 2 : 3;
    let word = '';
    for (let s = 0; s < syllables; s++) {
      const at = rank * 9 + s * 3;
      word += pick(ONSETS, draws[at]) + pick(VOWELS, draws[at + 1]);
      if (s === syllables - 1) word += pick(CODAS, draws[at + 2]);
    }
    return word;
  });
}
