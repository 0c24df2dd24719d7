import { expect, test } from 'vitest';
import { encodeRows } from '../../src/data/dataset.ts';
import { distinctEdges, encodeEdges } from '../../src/data/edges.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { learnVocabulary } from '../../src/text/vocabulary.ts';
import { testNumbers } from '../support/arena.ts';
import { packEdges } from '../support/edges.ts';
import { packerFor } from '../support/packer.ts';

const numbers = testNumbers(1);
const maxLength = 9;
const texts = Array.from({ length: 40 }, () => Array.from({ length: 1 + numbers.int(12) }, () => 'word'));
const edges = texts.map(({ length }) =>
  Array.from({ length: numbers.int(2 * length) }, () => [numbers.int(length), numbers.int(length)]),
);
const encoder = encoderOf(learnVocabulary(texts), maxLength);
const plain = encodeRows(encoder, texts);
const corpus = { ...plain, edges: encodeEdges(plain.starts, edges) };

test('an edge counts once, whichever way it is given, and only between two words that are read', () => {
  const given = [
    [1, 2],
    [2, 1],
    [0, 0],
    [3, 0],
    [1, 4],
    [1, 2],
  ];
  expect([...distinctEdges(given, 4)]).toEqual([0 * 4 + 3, 1 * 4 + 2]);
});

test('a batch leads each edge of each row to packed rows, both ways, in the order of the text', () => {
  const limits = { maxSequences: 8, maxRows: 8 * maxLength, maxBag: 1, tableRows: 50, edges: 2 };
  const packer = packerFor(limits);
  for (let from = 0; from < texts.length; from += 8) {
    const rows = Int32Array.from(texts, (_, row) => row);
    const { order, lengths, numRows, edgeStart, edgeEnds } = packer.pack(corpus, rows, from, 8);
    const packed = Array.from({ length: numRows }, (_, n) => [
      ...edgeEnds.subarray(edgeStart[n], edgeStart[n + 1]),
    ]);
    const own = Array.from(order.subarray(0, 8), (i) => edges[from + i]);
    expect(packed).toEqual(packEdges([...lengths.subarray(0, 8)], own));
  }
});
