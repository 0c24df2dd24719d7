import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import * as twin from '../reference/graph.ts';
import type { Matrix } from '../reference/lstm.ts';
import { Arena, isRelaxed, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { packEdges, windowEdges } from '../support/edges.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

// Of the largest element of each result. Measured: 1.9e-7 over a window, 1.3e-7 over given edges.
const TOLERANCE = 1e-6;

const lengths = [12, 5, 5, 1];
const [B, N, U] = [lengths.length, lengths.reduce((a, b) => a + b), 7];

type Kernel = (to: number, x: number, back: 0 | 1) => void;

/** Mixing over a window of words [b][t], or over given edges [b]. */
const overWindow = (arena: Arena, C: number, window: number, words: number[][]): Kernel => {
  const { kernels } = arena;
  const distinct = Math.max(...words.flat()) + 1;
  const index = packSequences(words.map((text) => text.map((word) => [word])));
  const batch = [arena.putInts(index), arena.putInts(stepsOf(lengths)), arena.putInts(lengths)] as const;
  const scratch = arena.putFloats(kernels.graphScratch(Math.max(12, distinct), C));
  return (to, x, back) => kernels.graphMix(to, x, ...batch, scratch, B, distinct, C, window, back);
};
const overEdges = (arena: Arena, C: number, edges: number[][][]): Kernel => {
  const ends = packEdges(lengths, edges);
  const starts = ends.map((_, n) => ends.slice(0, n).flat().length).concat(ends.flat().length);
  const given = [arena.putInts(starts), arena.putInts(ends.flat())] as const;
  return (to, x) => arena.kernels.edgeMix(to, x, ...given, N, C);
};

/** What a kernel makes of x and of dY. */
function run(arena: Arena, C: number, mix: Kernel, x: Matrix[], dY: Matrix[]) {
  return ([x, dY] as const).map((rows, back) => {
    const to = arena.putFloats(N * stride(C));
    mix(to, arena.putMatrix(N, C, packSequences([...rows])), back as 0 | 1);
    arena.check();
    return arena.takeMatrix(to, N, C);
  });
}

const drawEdges = (numbers: ReturnType<typeof testNumbers>, share: number) =>
  lengths.map((length) =>
    windowEdges(length, length)
      .filter(() => numbers.int(10) < 10 * share)
      .map((edge) => (numbers.int(2) === 0 ? edge : [...edge].reverse())),
  );

describe.each(sizes)('%i features', (C) => {
  const numbers = testNumbers(C);
  const words = lengths.map((length) => Array.from({ length }, () => numbers.int(U)));
  const x = lengths.map((length) => drawMatrix(numbers, length, C));
  const dY = lengths.map((length) => drawMatrix(numbers, length, C));

  const isFormula = (arena: Arena, mix: Kernel, weights: readonly Matrix[]) => {
    const [y, dX] = run(arena, C, mix, x, dY);
    const expected = x.map((text, b) => twin.graphForward(weights[b], text));
    const gradient = dY.map((text, b) => twin.graphBackward(weights[b], text));
    expect(relativeError(y, packSequences(expected))).toBeLessThan(TOLERANCE);
    expect(relativeError(dX, packSequences(gradient))).toBeLessThan(TOLERANCE);
  };

  test.each([1, 3, 50])('over a window of %i, there and back are the formula', (window) => {
    const arena = new Arena();
    const weights = words.map((text) => twin.windowWeights(text, window));
    isFormula(arena, overWindow(arena, C, window, words), weights);
  });

  test.each([0.2, 1])('over a share of %f of all edges, there and back are the formula', (share) => {
    const arena = new Arena();
    const edges = drawEdges(numbers, share);
    const weights = edges.map((own, b) => twin.edgeWeights(lengths[b], own));
    isFormula(arena, overEdges(arena, C, edges), weights);
  });

  test('edges that spell the window of words that come once are the window, in plain SIMD bit for bit', () => {
    const arena = new Arena();
    const once = lengths.map((length) => Array.from({ length }, (_, t) => t));
    const edges = lengths.map((length) => windowEdges(length, 3));
    const [window, given] = [overWindow(arena, C, 3, once), overEdges(arena, C, edges)];
    const [own, expected] = [given, window].map((mix) => run(arena, C, mix, x, dY));
    if (!isRelaxed) expect(own).toEqual(expected);
    for (const [i, rows] of own.entries())
      expect(relativeError(rows, [...expected[i]])).toBeLessThan(TOLERANCE);
  });
});

test.each([
  ['a window', twin.windowWeights([0, 1, 0, 2, 3, 1], 2)],
  [
    'given edges',
    twin.edgeWeights(6, [
      [0, 3],
      [3, 1],
      [1, 0],
      [5, 3],
    ]),
  ],
])('the float64 backward over %s is the derivative of its forward', (_, weights) => {
  const numbers = testNumbers(1);
  const [x, dY] = [drawMatrix(numbers, 6, 3), drawMatrix(numbers, 6, 3)];
  const loss = () =>
    twin
      .graphForward(weights, x)
      .flat()
      .reduce((sum, value, k) => sum + value * dY.flat()[k], 0);
  expect(differenceError(x, twin.graphBackward(weights, dY), loss)).toBeLessThan(1e-10);
});
