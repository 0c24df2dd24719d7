import type { Bags, Encoder } from '../text/encoder.ts';
import { emptyRow, type Text } from '../text/vocabulary.ts';
import type { CorpusEdges } from './edges.ts';

/** Rows of text as types, one row after another. */
export interface Corpus {
  readonly numRows: number;
  /** of row r: tokens[starts[r], starts[r+1]), one type or more */
  readonly tokens: Int32Array;
  readonly starts: Int32Array;
  readonly bags: Bags;
  /** [numTypes] the type that shows the n-grams of each type's word; empty if not asked for */
  readonly subwords: Int32Array;
  /** [rows] 1 where a text is longer than the encoder's maxLength */
  readonly truncated: Uint8Array;
  /** Where the rows are numbers in place of words: a vector [features] a token. */
  readonly vectors?: { readonly values: Float32Array; readonly features: number };
  /** Where the rows give edges between their words. */
  readonly edges?: CorpusEdges;
}

/**
 * Encodes rows of text. The corpus holds until its encoder is full and the next corpus makes it forget.
 * @param withSubwords also find each word's n-grams, for training with dropped words
 */
export function encodeRows(encoder: Encoder, texts: Iterable<Text>, withSubwords = false): Corpus {
  if (encoder.isFull) encoder.reset();
  const rows: Int32Array[] = [];
  let numTokens = 0;
  const cut: boolean[] = [];
  for (const text of texts) {
    const { types, truncated } = encoder.encode(text);
    rows.push(types);
    cut.push(truncated);
    numTokens += types.length;
  }
  const tokens = new Int32Array(numTokens);
  const starts = new Int32Array(rows.length + 1);
  for (const [r, types] of rows.entries()) {
    tokens.set(types, starts[r]);
    starts[r + 1] = starts[r] + types.length;
  }
  const subwords = withSubwords ? subwordTypes(encoder) : new Int32Array(0);
  return {
    numRows: rows.length,
    tokens,
    starts,
    bags: encoder,
    subwords,
    truncated: Uint8Array.from(cut, Number),
  };
}

/** Rows of vectors: every place of every row has the one type of an empty text, and its numbers beside it. */
export function encodeVectors(
  encoder: Encoder,
  rows: readonly (readonly (readonly number[])[])[],
  features: number,
): Corpus {
  const { maxLength } = encoder;
  const lengths = rows.map(({ length }) => Math.min(length, maxLength));
  const starts = new Int32Array(rows.length + 1);
  for (const [r, length] of lengths.entries()) starts[r + 1] = starts[r] + length;
  const values = new Float32Array(starts[rows.length] * features);
  for (const [r, row] of rows.entries()) {
    for (let t = 0; t < lengths[r]; t++) values.set(row[t], (starts[r] + t) * features);
  }
  return {
    numRows: rows.length,
    tokens: new Int32Array(starts[rows.length]).fill(emptyRow),
    starts,
    bags: encoder,
    subwords: new Int32Array(0),
    truncated: Uint8Array.from(rows, ({ length }) => (length > maxLength ? 1 : 0)),
    vectors: { values, features },
  };
}

function subwordTypes(encoder: Encoder): Int32Array {
  return Int32Array.from({ length: encoder.numTypes }, (_, type) => encoder.subwordsOf(type));
}
