import { afterEach, describe, expect, it, vi } from 'vitest';
import { DataError, UsageError } from '../../src/runtime/errors.ts';
import { ngramBuckets } from '../../src/text/ngrams.ts';
import { tokenizerOptions } from '../../src/text/options.ts';
import {
  firstWordRow,
  learnVocabulary,
  unknownRow,
  vocabularyFrom,
  vocabularyFromBytes,
  vocabularyToBytes,
} from '../../src/text/vocabulary.ts';
import { wordListOf } from '../../src/text/word-list.ts';

afterEach(() => vi.unstubAllGlobals());

function fnv1a(text: string): bigint {
  let hash = 2166136261n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 16777619n) & 0xffffffffn;
  return hash;
}

/** n-grams written the slow way. */
function naiveBuckets(word: string, [min, max]: readonly [number, number], buckets: number): number[] {
  const points = [...`<${word}>`];
  const grams: string[] = [];
  for (let i = 0; i < points.length; i++) {
    for (let n = min; n <= max && i + n <= points.length; n++) grams.push(points.slice(i, i + n).join(''));
  }
  if (grams.length === 0) grams.push(points.join(''));
  return [...new Set(grams.map((gram) => Number(fnv1a(gram) % BigInt(buckets))))];
}

describe('ngramBuckets', () => {
  it.each(['a', 'cat', "don't", 'größe', '中文', '👨‍👩‍👧', '\ufffd', 'x'.repeat(32), '𐐨'.repeat(32)])(
    '%s',
    (word) => {
      for (const ngrams of [
        [3, 5],
        [1, 1],
        [2, 32],
        [6, 8],
        [32, 32],
      ] as const) {
        for (const buckets of [1, 7, 2000]) {
          expect(ngramBuckets(word, ngrams, buckets)).toEqual(naiveBuckets(word, ngrams, buckets));
        }
      }
    },
  );

  it('is compared with the published FNV-1a', () => {
    expect(fnv1a('foobar')).toBe(0xbf9cf968n); // Noll's test vector
  });
});

describe('learnVocabulary', () => {
  it('takes words by frequency, ties by code units, from minCount up to maxWords', () => {
    const texts = ['b a c', 'c B é', 'É z é c once'];
    expect(learnVocabulary(texts).words).toEqual(['c', 'é', 'b']);
    expect(learnVocabulary(texts, { maxWords: 2 }).words).toEqual(['c', 'é']);
    expect(learnVocabulary(texts, { minCount: 1 }).words).toEqual(['c', 'é', 'b', 'a', 'once', 'z']);
    expect(learnVocabulary([], {}).words).toEqual([]);
  });

  it('counts rows: empty, unknown, words, buckets', () => {
    const vocabulary = learnVocabulary(['a a b b'], { buckets: 50 });
    expect(vocabulary.tableRows).toBe(2 + 2 + 50);
    expect(vocabulary.rowOf('a')).toBe(firstWordRow);
    expect(vocabulary.rowOf('c')).toBeUndefined();
    for (const row of vocabulary.ngramRows('unheard')) {
      expect(row).toBeGreaterThanOrEqual(4);
      expect(row).toBeLessThan(54);
    }
  });

  it('knows unknown words as <unknown> without buckets', () => {
    const vocabulary = learnVocabulary(['a a'], { buckets: 0 });
    expect([vocabulary.ngramRows('b'), vocabulary.maxBag, vocabulary.tableRows]).toEqual([
      [unknownRow],
      1,
      3,
    ]);
  });

  it('bounds bags by maxBag, and reaches it', () => {
    const letters = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0x430 + i)).join('');
    const vocabulary = learnVocabulary([], { buckets: 10_000_000 });
    expect(vocabulary.ngramRows(letters).length).toBe(vocabulary.maxBag);
    expect(learnVocabulary([], { buckets: 10 }).maxBag).toBe(10);
  });

  it('segments long runs in pieces, losing nothing', () => {
    const run = '𠀀中文'.repeat(500);
    const vocabulary = learnVocabulary([run], { minCount: 1 });
    expect(vocabulary.split(run).join('')).toBe(run);
    expect(vocabulary.words.join('')).not.toMatch(/\p{Cs}/u);
  });

  it('learns single characters where the engine has no Intl.Segmenter', () => {
    vi.stubGlobal('Intl', { ...Intl, Segmenter: undefined });
    expect(learnVocabulary(['中文中文 word word']).words).toEqual(['word', '中', '文']);
  });
});

describe('words without spaces', () => {
  const texts = [
    '我喜欢北京',
    '我喜欢上海',
    '北京很大',
    '東京タワーが好きです',
    '東京が好きです',
    'ผมชอบกาแฟ',
    'ผมชอบชา',
  ];

  it('are cut by the longest words we know, else into characters', () => {
    const vocabulary = vocabularyFrom(wordListOf('北京\n北\n京大学\n北京大'), tokenizerOptions());
    expect(vocabulary.split('在北京大学')).toEqual(['在', '北京大', '学']);
    expect(vocabulary.split('北京北𠀀京大学')).toEqual(['北京', '北', '𠀀', '京大学']);
    expect(vocabulary.split('在北京大学', 2)).toEqual(['在', '北京大']);
  });

  it('are learnt from the engine, in Chinese, Japanese and Thai', () => {
    const { words } = learnVocabulary(texts);
    expect(words).toEqual(expect.arrayContaining(['喜欢', '北京', 'です', '好き', 'ชอบ']));
  });

  it.each([
    [
      'nonsense',
      class {
        segment = (run: string) => [{ segment: run.slice(0, 1) }, { segment: run.slice(1) }];
      },
    ],
    [
      'errors',
      class {
        segment = () => {
          throw new Error('another ICU');
        };
      },
    ],
    ['nothing', undefined],
  ])('are cut the same once learnt, when the engine then offers %s', (_, Segmenter) => {
    const vocabulary = learnVocabulary(texts);
    const before = texts.map((text) => vocabulary.split(text));
    const bytes = vocabularyToBytes(vocabulary);
    vi.stubGlobal('Intl', { ...Intl, Segmenter });
    const loaded = vocabularyFromBytes(bytes, vocabulary.words.length, vocabulary.options);
    expect(texts.map((text) => vocabulary.split(text))).toEqual(before);
    expect(texts.map((text) => loaded.split(text))).toEqual(before);
  });
});

describe('rowOf', () => {
  const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
  words.push('w7'); // the first counts
  const rows = words.slice(0, 300).map((_, i) => firstWordRow + i);

  it('finds every word and no other, by looking through the list and by the index', () => {
    const known = words.slice(0, 300);
    const vocabulary = vocabularyFrom(wordListOf(words.join('\n')), tokenizerOptions());
    // The index is whole behind a hundred looks: in the midst of the first round.
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 20; i++) expect(vocabulary.rowOf(`x${i}`)).toBeUndefined();
      expect(known.map((word) => vocabulary.rowOf(word))).toEqual(rows);
    }
  });

  it('takes no two words for one', () => {
    const vocabulary = vocabularyFrom(wordListOf('a\nb\nc'), tokenizerOptions());
    for (const word of ['a\nb', 'b\nc', 'a\nb\nc', '']) expect(vocabulary.rowOf(word)).toBeUndefined();
  });

  it('looks through the list until the words that each look adds to the index are all, then no more', () => {
    const list = wordListOf(words.join('\n'));
    const looks = vi.spyOn(list, 'indexOf');
    const vocabulary = vocabularyFrom(list, tokenizerOptions());
    for (let i = 0; i < 1000; i++) vocabulary.rowOf(`x${i}`);
    expect(looks.mock.calls.length).toBeGreaterThan(50);
    expect(looks.mock.calls.length).toBeLessThan(150);
    expect(vocabulary.rowOf('w299')).toBe(firstWordRow + 299);
  });
});

describe('a list of words', () => {
  const letters = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`);

  // Blocks are of 16 words.
  it.each([1, 2, 15, 16, 17, 31, 32, 33, 100])('of %i finds each, and no other', (count) => {
    const words = letters(count);
    const list = wordListOf(words.join('\n'));
    expect([list.length, list.isPlain, list.toArray()]).toEqual([count, true, words]);
    expect(words.map((word) => list.indexOf(word))).toEqual(words.map((_, i) => i));
    for (const word of ['', 'w', `w${count}`, 'w0\nw1', '0', '\n']) expect(list.indexOf(word)).toBe(-1);
    const blocks = words.filter((_, i) => i % 16 === 0).map((_, i) => list.blockFrom(16 * i));
    expect(blocks.flat()).toEqual(words);
  });

  it.each([
    ['an empty one in front', ['', ...letters(40)]],
    ['an empty one at the end', [...letters(16), '']],
    ['an empty one in between', [...letters(20), '', ...letters(40).slice(20)]],
    ['a long one', [...letters(17), 'x'.repeat(33), 'y']],
    ['long ones alone', ['x'.repeat(33), 'y'.repeat(40)]],
  ])('is not plain with %s, and finds them all the same', (_, words) => {
    const list = wordListOf(words.join('\n'));
    expect([list.length, list.isPlain, list.toArray()]).toEqual([words.length, false, words]);
    expect(words.map((word) => list.indexOf(word))).toEqual(words.map((word) => words.indexOf(word)));
  });

  it('may have none', () => {
    const list = wordListOf('');
    expect([list.length, list.isPlain, list.toArray(), list.indexOf('a')]).toEqual([0, true, [], -1]);
  });
});

describe('bytes', () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);

  it('come back as the same vocabulary', () => {
    const vocabulary = learnVocabulary(["Don't 中文 👨‍👩‍👧 ß \ud800 \u1c89 ."], {
      minCount: 1,
      ngrams: [2, 4],
      buckets: 9,
    });
    const options = JSON.parse(JSON.stringify(vocabulary.options));
    const loaded = vocabularyFromBytes(vocabularyToBytes(vocabulary), vocabulary.words.length, options);
    expect(loaded.words).toEqual(vocabulary.words);
    expect(loaded.options).toEqual(vocabulary.options);
    expect([loaded.tableRows, loaded.maxBag]).toEqual([vocabulary.tableRows, vocabulary.maxBag]);
    const none = learnVocabulary([]);
    expect(vocabularyFromBytes(vocabularyToBytes(none), 0, none.options).words).toEqual([]);
  });

  it.each([
    ['a count that differs', utf8('a\nb'), 3],
    ['no words where some must be', utf8(''), 1],
    ['an empty word', utf8('a\n\nb'), 3],
    ['a word too long', utf8('x'.repeat(33)), 1],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0xff), 1],
    ['a character cut off', utf8('aé').slice(0, 2), 1],
  ])('are refused for %s', (_, bytes, count) => {
    expect(() => vocabularyFromBytes(bytes, count, tokenizerOptions())).toThrow(DataError);
  });
});

describe('options', () => {
  it('have defaults', () => {
    expect(tokenizerOptions()).toEqual({
      lowercase: true,
      accents: 'keep',
      maxWords: 10_000,
      minCount: 2,
      buckets: 2000,
      ngrams: [3, 5],
    });
  });

  it.each([
    [{ lowercase: 1 }, /"lowercase": expected true or false, got 1/],
    [{ accents: 'drop' }, /"accents": expected 'keep' or 'strip', got "drop"/],
    [{ maxWords: 0 }, /"maxWords": expected a whole number from 1 to 10,000,000, got 0/],
    [{ maxWords: Number.NaN }, /"maxWords": .* got NaN/],
    [{ minCount: 1.5 }, /"minCount"/],
    [{ buckets: -1 }, /"buckets"/],
    [{ buckets: 1e12 }, /"buckets"/],
    [{ ngrams: [4, 3] }, /"ngrams\[0\]": expected a whole number from 1 to 3, got 4/],
    [{ ngrams: [3, 99] }, /"ngrams\[1\]"/],
    [{ ngrams: 3 }, /"ngrams": expected two numbers/],
    [{ lowercse: true }, /tokenizer has no option 'lowercse': expected lowercase, accents/],
  ])('are refused: %j', (given, message) => {
    expect(() => tokenizerOptions(given as never)).toThrow(UsageError);
    expect(() => tokenizerOptions(given as never)).toThrow(message);
  });
});
