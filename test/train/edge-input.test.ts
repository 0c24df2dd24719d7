import { expect, test } from 'vitest';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import { pool } from '../../src/layers/pool.ts';
import { predict } from '../../src/model/predict.ts';
import type { Row } from '../../src/model/rows.ts';
import { DataError, UsageError } from '../../src/runtime/errors.ts';
import { train } from '../../src/train/train.ts';
import { GIVEN, graphModel, toyGraphs } from '../support/graphs.ts';
import { toyRows, trainedModel, trainOn } from '../support/models.ts';

const model = await graphModel();
const [first, ...others] = toyGraphs(10);
const star = (length: number, edges: number[][]) => ({
  words: Array.from({ length }, (_, i) => `w${i}`),
  edges,
  label: 'negative',
});
const all = (length: number) =>
  Array.from({ length: length ** 2 }, (_, k) => [Math.floor(k / length), k % length]);

test.each<[string, Row, RegExp]>([
  [
    'no edges',
    { ...first, edges: undefined } as never,
    /^row 3 has no edges: expected a list of pairs .* got nothing\. graphC/,
  ],
  ['edges in words', { ...first, edges: '0-1' } as never, /^row 3 has no edges: .* got "0-1"/],
  ['a text', { text: 'good food', label: 'positive' }, /^row 3 has no edges: .* beside words, got nothing/],
  [
    'a text and edges',
    { text: 'good food', edges: [], label: 'positive' } as never,
    /^row 3 has no words: .* got nothing/,
  ],
  ['no words', { ...first, words: [], edges: [] }, /^row 3 has no words/],
  [
    'two words in one',
    { ...first, words: ['good food'], edges: [] },
    /^row 3, word 1: .* without white space/,
  ],
  [
    'a place behind the text',
    star(4, [
      [0, 1],
      [2, 4],
    ]),
    /^row 3, edge 2: expected two places from 0 to 3, got \[2,4\]/,
  ],
  ['a place before it', star(4, [[0, -1]]), /^row 3, edge 1: .* got \[0,-1\]/],
  ['half a place', star(4, [[0, 0.5]]), /^row 3, edge 1/],
  ['one end', star(4, [[0]]), /^row 3, edge 1: .* got \[0\]/],
  ['three ends', star(4, [[0, 1, 2]]), /^row 3, edge 1/],
  ['no edge', star(4, [undefined as never]), /^row 3, edge 1: .* got nothing/],
])('a row with %s', (_, row, message) => {
  const call = () => train(model, [...others.slice(0, 2), row, ...others]);
  expect(call).toThrow(DataError);
  expect(call).toThrow(message);
});

test('more edges than memory is planned for', async () => {
  const sparse = await graphModel([
    graphConvolution({ units: 4, edges: 'given', maxEdges: 2 }),
    GIVEN,
    pool(),
  ]);
  // Of five words ten edges fit; what comes twice, loops, and what lies behind maxLength do not count.
  await trainOn(sparse, [
    ...others,
    star(5, all(5)),
    star(
      20,
      all(8).map(([a, b]) => [a + 8, b]),
    ),
  ]);
  expect(() => train(sparse, [...others, star(6, all(6))])).toThrow(
    /^row 10 has 15 edges: expected at most 12, 2 for each of 6 words\. Leave some out, or .* larger maxEdges/,
  );
  expect(() => predict(sparse, star(9, all(9)))).toThrow(/^text 1 has 28 edges: expected at most 16/);
});

test('a question without edges, or to a model that reads none', async () => {
  await trainOn(model, [first, ...others], { epochs: 1 });
  expect(() => predict(model, 'good food')).toThrow(/^text 1 has no edges/);
  expect(() => predict(model, { words: ['good'], edges: [[0, 1]] })).toThrow(
    /^text 1, edge 1: expected two places from 0 to 0/,
  );
  expect(() => train(model, 3 as never)).toThrow(
    /^the rows: expected a list of { words, edges, label }, got 3/,
  );
  const plain = await trainedModel();
  expect(() => predict(plain, first)).toThrow(UsageError);
  expect(() => predict(plain, first)).toThrow(/^predict\(\): expected a string, got {"words"/);
  expect(() => train(plain, [...toyRows(2), first])).toThrow(
    /^row 3 has no text: expected a string, got nothing/,
  );
});
