import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { classOf } from '../../src/text/classes.ts';
import { PICTOGRAPH, UNASSIGNED } from '../../src/text/unicode.generated.ts';
import { foldWord, maxWordLength, splitWords } from '../../src/text/words.ts';

const plain = { lowercase: true, accents: 'keep' } as const;
const stripped = { lowercase: true, accents: 'strip' } as const;
const wholeRun = (run: string) => [run];
const split = (text: string, options: Parameters<typeof splitWords>[1] = plain) =>
  splitWords(text, options, wholeRun);

describe('splitWords', () => {
  it.each([
    ['English', "The cat's whiskers, isn't it?", ['the', "cat's", 'whiskers', ',', "isn't", 'it', '?']],
    ['curly apostrophes', 'don’t ‘quote’ dogs’', ["don't", '‘', 'quote', '’', 'dogs', '’']],
    ['German', 'Straße ÄRGER größer', ['straße', 'ärger', 'größer']],
    ['decomposed French', "l'e\u0301te\u0301 DE\u0301JA\u0300", ["l'été", 'déjà']],
    ['Turkish', 'İstanbul I\u0307yi i\u0307yi', ['istanbul', 'iyi', 'iyi']],
    ['Greek final sigma', 'ΟΔΟΣ οδος ΣΑΣ', ['οδοσ', 'οδοσ', 'σασ']],
    ['Russian', 'Съешь ЕЩЁ', ['съешь', 'ещё']],
    ['Korean', '나는 학교에 간다.', ['나는', '학교에', '간다', '.']],
    ['Korean in jamo', '\u1112\u1161\u11ab', ['한']],
    ['Arabic with marks', 'مُحَمَّد، سلام؟', ['مُحَمَّد', '،', 'سلام', '؟']],
    ['Persian joiner', 'می\u200cخواهم', ['میخواهم']],
    ['Hindi', 'मैं हिन्दी बोलता हूँ।', ['मैं', 'हिन्दी', 'बोलता', 'हूँ', '।']],
    ['Chinese', '我有3本iPhone手机。', ['我有', '3', '本', 'iphone', '手机', '。']],
    ['Japanese', 'コーヒーが好き々！', ['コーヒーが好き々', '！']],
    ['decomposed Japanese', 'か\u3099', ['が']],
    ['Thai', 'สวัสดี ครับ 20฿', ['สวัสดี', 'ครับ', '20', '฿']],
    ['zero width space', 'ខ្ញុំ\u200bសុំ', ['ខ្ញុំ', 'សុំ']],
    [
      'numbers',
      '3.5 1,000.50 3. .5 v1.2 10kg ½',
      ['3.5', '1,000.50', '3', '.', '.', '5', 'v1.2', '10kg', '½'],
    ],
    ['runs of a symbol', '!!!!!! ... -- ?!', ['!!!', '...', '--', '?', '!']],
    ['URL', 'https://a.com/b?c=1', ['https', ':', '//', 'a', '.', 'com', '/', 'b', '?', 'c', '=', '1']],
    ['family', '👨‍👩‍👧‍👦👍🏽👍', ['👨‍👩‍👧‍👦', '👍🏽', '👍']],
    ['flags', '🇩🇪🇫🇷🇯', ['🇩🇪', '🇫🇷', '🇯']],
    ['flag of tags', '\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}x', ['\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}', 'x']],
    ['variation selectors', '❤\ufe0f❤🏳\ufe0f\u200d🌈', ['❤', '❤', '🏳\u200d🌈']],
    ['emoji of a later Unicode', '\u{1fae0}\u{1fae0}', ['\u{1fae0}', '\u{1fae0}']],
    ['lone surrogates', 'a\ud800b \udc00\ud800', ['a', '\ufffd', 'b', '\ufffd\ufffd']],
    ['controls', 'a\0b\u0085c\td\r\ne\u007ff', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['byte order mark', '\ufeffhello\ufeff', ['hello']],
    ['invisible in a run', 'か\u034f\u3099\ufe00く', ['がく']],
    ['soft hyphen', 'co\u00adoperate', ['cooperate']],
    ['empty', '', []],
    ['white space', ' \u3000\u00a0\n\ufeff', []],
  ])('%s', (_, text, words) => expect(split(text)).toEqual(words));

  it('keeps case and accents, or strips accents of any letter but no vowel signs', () => {
    expect(split('Éa ΟΔΟΣ İ', { lowercase: false, accents: 'keep' })).toEqual(['Éa', 'ΟΔΟΣ', 'İ']);
    expect(split('Crème BRÛLÉE ñ İi ø', stripped)).toEqual(['creme', 'brulee', 'n', 'ii', 'ø']);
    expect(split('हिन्दी 한국 が \u0301', stripped)).toEqual(['हिन्दी', '한국', 'が']);
  });

  it('reads composed and decomposed text alike', () => {
    const text = 'Ångström, naïve Œuvre ΐ Ǆ ≠≠ ệ が ガ 각 H\u0331 Ω क़';
    for (const options of [plain, stripped, { ...plain, lowercase: false }]) {
      expect(split(text.normalize('NFD'), options)).toEqual(split(text.normalize('NFC'), options));
    }
  });

  it('leaves characters unknown to its Unicode version as they are', () => {
    // U+1C89 is a capital of Unicode 16, U+10EFD a combining mark of 15.1: a newer engine would fold and reorder.
    expect(split('\u1c89a\u{10efd}\u0301')).toEqual(['\u1c89', 'a', '\u{10efd}', '\u0301']);
    expect(split('\ue000\ue000\ue000\ue000')).toEqual(['\ue000\ue000\ue000']);
  });

  it('shortens words at whole code points', () => {
    expect(split('x'.repeat(5000))).toEqual(['x'.repeat(maxWordLength)]);
    expect(split('𐐀'.repeat(50))).toEqual(['𐐨'.repeat(maxWordLength)]);
  });

  it('stops at the limit and tells it to what cuts runs', () => {
    const asked: number[] = [];
    const cutRun = (run: string, limit: number) => {
      asked.push(limit);
      return [...run].slice(0, limit);
    };
    expect(splitWords('a 中文字 b', plain, cutRun, 3)).toEqual(['a', '中', '文']);
    expect(asked).toEqual([2]);
    const text = "Isn't 👨‍👩‍👧 1.5 中文字 !!! e\u0301 \ud800";
    const all = splitWords(text, plain, cutRun);
    for (let n = 0; n <= all.length + 1; n++)
      expect(splitWords(text, plain, cutRun, n)).toEqual(all.slice(0, n));
  });

  it('survives every code point, and yields well-formed words without white space', () => {
    for (let from = 0; from < 0x110000; from += 0x400) {
      let text = '';
      for (let code = from; code < from + 0x400; code++) text += `${String.fromCodePoint(code)}a`;
      for (const word of split(text)) {
        const isSound = word.length > 0 && !/[\s\p{Cc}\p{Cs}]/u.test(word);
        if (!isSound) expect.fail(`${JSON.stringify(word)} from U+${from.toString(16)}`);
      }
    }
  });
});

describe('the table of classes', () => {
  it('is the one of Unicode 13.0, for ever', () => {
    const classes = Uint8Array.from({ length: 0x110000 }, (_, code) => classOf(code));
    const sum = createHash('sha256').update(classes).digest('hex');
    expect(sum).toBe('54a6b462d30ddc602568ca6805301da86b3d64d704f2878ccea60dab4a2d6f2b');
  });

  it('holds only characters that this engine knows', () => {
    for (let code = 0; code < 0x110000; code++) {
      const char = String.fromCodePoint(code);
      const kind = classOf(code);
      if (kind !== UNASSIGNED && kind !== PICTOGRAPH && /\p{Cn}/u.test(char))
        expect.fail(`U+${code.toString(16)}`);
    }
  });

  it('makes every character lower-case as an engine of Unicode 13.0 does', () => {
    const folded = createHash('sha256');
    for (let code = 0; code < 0x110000; code++) {
      const word = `${String.fromCodePoint(code)}x`;
      folded.update(`${foldWord(word, { lowercase: true, accents: 'keep' })}\n`);
    }
    // As Node 16.4, which speaks just that, has it.
    expect(folded.digest('hex')).toBe('a57a90df9f5d72d7373b858e518052eba5bd455be54fbb069e01cae8abb74cbe');
  });
});
