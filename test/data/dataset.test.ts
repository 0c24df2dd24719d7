import { describe, expect, it } from 'vitest';
import { encodeRows } from '../../src/data/dataset.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { emptyRow, learnVocabulary } from '../../src/text/vocabulary.ts';

const texts = ['good movie', '', 'bad movie, very bad', 'good good 🎉 movie'];
const vocabulary = learnVocabulary(texts, { buckets: 50 });

describe('encodeRows', () => {
  it('lays row after row, as the encoder encodes each', () => {
    const corpus = encodeRows(encoderOf(vocabulary, 4), texts);
    const encoder = encoderOf(vocabulary, 4);
    expect([corpus.numRows, corpus.truncated.join()]).toEqual([4, '0,0,1,0']);
    expect([...corpus.starts]).toEqual([0, 2, 3, 7, 11]);
    for (const [r, text] of texts.entries()) {
      const row = corpus.tokens.subarray(corpus.starts[r], corpus.starts[r + 1]);
      expect([...row]).toEqual([...encoder.encode(text).types]);
    }
    expect(corpus.tokens[corpus.starts[1]]).toBe(emptyRow);
    expect(corpus.subwords).toHaveLength(0);
  });

  it('finds the subwords of every type when asked', () => {
    const encoder = encoderOf(vocabulary, 4);
    const { tokens, subwords } = encodeRows(encoder, texts, true);
    for (const type of tokens) expect(subwords[type]).toBe(encoder.subwordsOf(type));
  });

  it('takes no rows, and rows that come one by one', () => {
    expect(encodeRows(encoderOf(vocabulary, 4), [])).toMatchObject({
      numRows: 0,
      starts: Int32Array.of(0),
    });
    const streamed = encodeRows(encoderOf(vocabulary, 4), new Set(texts).values());
    expect(streamed.tokens).toEqual(encodeRows(encoderOf(vocabulary, 4), texts).tokens);
  });

  it('holds a bounded number of unknown words in a long life', () => {
    const encoder = encoderOf(vocabulary, 4, 10);
    let most = 0;
    for (let i = 0; i < 2000; i++) {
      encodeRows(encoder, [`unheard${i} never${i}`]);
      most = Math.max(most, encoder.numTypes);
    }
    expect(most).toBe(2 + vocabulary.words.length + 12);
  });
});
