import { describe, expect, it } from 'vitest';
import { type Encoder, encoderOf } from '../../src/text/encoder.ts';
import { emptyRow, firstWordRow, learnVocabulary, unknownRow } from '../../src/text/vocabulary.ts';
import { cpuMs } from '../support/cpu.ts';

const vocabulary = learnVocabulary(['good good movie movie , ,', '好吃 好吃'], { buckets: 100 });
const bagOf = ({ bagStart, bagIds }: Encoder, type: number) => [
  ...bagIds.subarray(bagStart[type], bagStart[type + 1]),
];

describe('Encoder', () => {
  it('shows a known word as its row and an unknown one as its n-grams', () => {
    const encoder = encoderOf(vocabulary, 10);
    const { types, truncated } = encoder.encode('Good unheard good unheard other');
    expect(truncated).toBe(false);
    expect(types[0]).toBe(vocabulary.rowOf('good'));
    expect([types[2], types[3]]).toEqual([types[0], types[1]]);
    expect(bagOf(encoder, types[0])).toEqual([vocabulary.rowOf('good')]);
    expect(bagOf(encoder, types[1])).toEqual(vocabulary.ngramRows('unheard'));
    expect(bagOf(encoder, types[4])).toEqual(vocabulary.ngramRows('other'));
    expect(encoder.numTypes).toBe(firstWordRow + vocabulary.words.length + 2);
  });

  it('has a type for the empty text', () => {
    for (const text of ['', ' \n', '\ufeff\u200d']) {
      expect(encoderOf(vocabulary, 10).encode(text)).toEqual({
        types: Int32Array.of(emptyRow),
        truncated: false,
      });
    }
  });

  it('truncates at maxLength tokens and says so', () => {
    const encoder = encoderOf(vocabulary, 3);
    expect(encoder.encode('good good good').truncated).toBe(false);
    expect(encoder.encode('good good good ').truncated).toBe(false);
    const { types, truncated } = encoder.encode('good movie, x');
    expect([types.length, truncated]).toEqual([3, true]);
    expect(encoder.numTypes).toBe(firstWordRow + vocabulary.words.length);
  });

  it('finds the n-grams of known words, as if they were unknown', () => {
    const encoder = encoderOf(vocabulary, 10);
    const good = vocabulary.rowOf('good')!;
    const subwords = encoder.subwordsOf(good);
    expect(bagOf(encoder, subwords)).toEqual(vocabulary.ngramRows('good'));
    expect(encoder.subwordsOf(good)).toBe(subwords);
    expect(encoder.subwordsOf(subwords)).toBe(subwords);
    expect(encoder.subwordsOf(emptyRow)).toBe(emptyRow);
    expect(encoder.subwordsOf(unknownRow)).toBe(unknownRow);
  });

  it('has only <unknown> for unknown words without buckets', () => {
    const encoder = encoderOf(learnVocabulary(['a a'], { buckets: 0 }), 10);
    expect([...encoder.encode('a b').types]).toEqual([firstWordRow, unknownRow]);
    expect(encoder.subwordsOf(firstWordRow)).toBe(unknownRow);
    expect(encoder.numTypes).toBe(firstWordRow + 1);
  });

  it('keeps its bags as it grows, and forgets unknown words when reset', () => {
    const encoder = encoderOf(vocabulary, 10, 500);
    const fresh = encoder.numTypes;
    const types = Array.from({ length: 501 }, (_, i) => encoder.encode(`unheard${i}`).types[0]);
    for (const [i, type] of types.entries()) {
      expect(bagOf(encoder, type)).toEqual(vocabulary.ngramRows(`unheard${i}`));
    }
    expect(encoder.isFull).toBe(true);
    const room = encoder.bagIds.length;
    encoder.reset();
    expect([encoder.isFull, encoder.numTypes]).toEqual([false, fresh]);
    expect(encoder.bagIds.length).toBeLessThan(room);
    const again = encoder.encode('new good');
    expect(bagOf(encoder, again.types[0])).toEqual(vocabulary.ngramRows('new'));
    expect(bagOf(encoder, again.types[1])).toEqual([vocabulary.rowOf('good')]);
  });

  it.each([
    ['words', 'word and more, '],
    ['one word', 'a'],
    ['Chinese', '好吃的'],
    ['decomposed accents', 'e\u0301'],
    ['lone surrogates', '\ud800x'],
    ['emoji', '👨‍👩‍👧'],
    ['white space', ' '],
  ])('encodes a line of 2 MB of %s in well under a second', (_, part) => {
    const line = part.repeat(2_000_000 / part.length);
    const encoder = encoderOf(vocabulary, 256);
    const startMs = cpuMs();
    const { types } = encoder.encode(line);
    expect(cpuMs() - startMs).toBeLessThan(1000); // measured: 60 to 150 ms, most of it composing
    expect(types.length).toBeLessThanOrEqual(256);
  });
});
