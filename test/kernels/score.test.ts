import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import type { Matrix } from '../reference/lstm.ts';
import * as twin from '../reference/score.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

// Of the largest element of each result. Measured: 5.1e-7.
const TOLERANCE = 1e-6;

const lengths = [9, 6, 6, 1];
const [B, N] = [lengths.length, lengths.reduce((a, b) => a + b)];
const steps = stepsOf(lengths);
const T = steps.length;
/** Numbers [b][t] as a matrix [N,1] of a packed batch. */
const column = (values: Matrix) => packSequences(values.map((row) => row.map((value) => [value])));

function draw(C: number) {
  const numbers = testNumbers(C);
  return {
    x: lengths.map((length) => drawMatrix(numbers, length, C)),
    q: drawMatrix(numbers, B, C),
    dScores: lengths.map((length) => [...numbers.floats(length)]),
  };
}

describe.each(sizes)('%i features', (C) => {
  const { x, q, dScores } = draw(C);

  test.each([1, 0])('scores, of a query for each text: %i', (each) => {
    const queries = each ? q : q.map(() => q[0]);
    const arena = new Arena();
    const { kernels } = arena;
    const qPtr = each ? arena.putMatrix(B, C, q.flat()) : arena.putFloats(q[0]);
    const given = [qPtr, arena.putMatrix(N, C, packSequences(x)), arena.putInts(steps), T] as const;
    const scores = arena.putFloats(8 * N);
    kernels.scoreForward(scores, ...given, C, 1, each, 1);
    const expected = column(twin.scoreForward(queries, x));
    expect(relativeError(arena.takeMatrix(scores, N, 1), expected)).toBeLessThan(TOLERANCE);

    const gradient = twin.scoreBackward(queries, x, dScores);
    const before = testNumbers(1).floats(C);
    const dQ = each ? arena.putFloats(B * stride(C)) : arena.putFloats(before);
    const dX = arena.putFloats(N * stride(C));
    const dPtr = arena.putMatrix(N, 1, column(dScores));
    kernels.scoreBackward(dX, dQ, dPtr, ...given, B, C, 1, each, 1, 0);
    const ofX = packSequences(gradient.x);
    expect(relativeError(arena.takeMatrix(dX, N, C), ofX)).toBeLessThan(TOLERANCE);
    const sums = before.map((value, j) => gradient.q.reduce((sum, row) => sum + row[j], value));
    const ofQ = each ? arena.takeMatrix(dQ, B, C) : arena.takeFloats(dQ, C);
    expect(relativeError(ofQ, each ? gradient.q.flat() : sums)).toBeLessThan(TOLERANCE);

    kernels.scoreBackward(dX, dQ, dPtr, ...given, B, C, 1, each, 1, 1);
    const twice = ofX.map((value) => 2 * value);
    expect(relativeError(arena.takeMatrix(dX, N, C), twice)).toBeLessThan(TOLERANCE);
    arena.check();
  });

  test('what a text is told reaches its words, and their gradients come back', () => {
    const arena = new Arena();
    const { kernels } = arena;
    const stepsPtr = arena.putInts(steps);
    const y = arena.putMatrix(N, C, packSequences(x));
    kernels.tellForward(y, arena.putMatrix(B, C, q.flat()), stepsPtr, T, C);
    const told = x.map((sequence, b) => sequence.map((row) => row.map((value, j) => value + q[b][j])));
    expect(relativeError(arena.takeMatrix(y, N, C), packSequences(told))).toBeLessThan(TOLERANCE);

    const dU = arena.putFloats(B * stride(C));
    kernels.tellBackward(dU, arena.putMatrix(N, C, packSequences(x)), stepsPtr, T, B, C);
    const sums = x.map((sequence) => q[0].map((_, j) => sequence.reduce((sum, row) => sum + row[j], 0)));
    expect(relativeError(arena.takeMatrix(dU, B, C), sums.flat())).toBeLessThan(TOLERANCE);
    arena.check();
  });
});

test.each([1, 50])('weights: softmax over the words, scores up to %i', (size) => {
  const scores = lengths.map((length, b) => [...testNumbers(b).floats(length, -size, size)]);
  const dWeights = lengths.map((length, b) => [...testNumbers(9 + b).floats(length)]);
  const arena = new Arena();
  const { kernels } = arena;
  const batch = [
    arena.putInts(steps),
    arena.putInts(lengths),
    arena.putFloats(kernels.weighScratch(T, 1)),
    N,
    B,
    1,
  ] as const;
  const [weights, dScores] = [arena.putFloats(8 * N), arena.putFloats(8 * N)];
  kernels.weighForward(weights, arena.putMatrix(N, 1, column(scores)), ...batch);
  const expected = twin.weighForward(scores);
  expect(relativeError(arena.takeMatrix(weights, N, 1), column(expected))).toBeLessThan(TOLERANCE);
  kernels.weighBackward(dScores, arena.putMatrix(N, 1, column(dWeights)), weights, ...batch);
  const gradient = column(twin.weighBackward(expected, dWeights));
  expect(relativeError(arena.takeMatrix(dScores, N, 1), gradient)).toBeLessThan(TOLERANCE);
  arena.check();
});

describe.each([
  [6, 2],
  [15, 3],
  [33, 11],
  [8, 8],
])('%i features in %i heads', (C, heads) => {
  test.each([1, 0])('each head is scored and weighed by itself, of a query for each text: %i', (each) => {
    const { x, q } = draw(C);
    const queries = each ? q : q.map(() => q[0]);
    const dWeights = lengths.map((length) => drawMatrix(testNumbers(length), length, heads));
    const arena = new Arena();
    const { kernels } = arena;
    const qPtr = each ? arena.putMatrix(B, C, q.flat()) : arena.putFloats(q[0]);
    const stepsPtr = arena.putInts(steps);
    const given = [qPtr, arena.putMatrix(N, C, packSequences(x)), stepsPtr, T] as const;
    const [scores, weights] = [arena.putMatrix(N, heads), arena.putMatrix(N, heads)];
    const scratch = arena.putFloats(kernels.weighScratch(T, 1));
    const batch = [stepsPtr, arena.putInts(lengths), scratch, N, B, heads] as const;
    kernels.scoreForward(scores, ...given, C, heads, each, 0.5);
    kernels.weighForward(weights, scores, ...batch);
    const dScores = arena.putMatrix(N, heads);
    kernels.weighBackward(dScores, arena.putMatrix(N, heads, packSequences(dWeights)), weights, ...batch);
    const dX = arena.putMatrix(N, C);
    const dQ = each ? arena.putMatrix(B, C) : arena.putFloats(new Array(C).fill(0));
    kernels.scoreBackward(dX, dQ, dScores, ...given, B, C, heads, each, 0.5, 0);
    const ofHeads = Array.from({ length: heads }, (_, h) => {
      const own = twin.headOf(queries, heads, h).map((row) => row.map((value) => 0.5 * value));
      const rows = x.map((sequence) => twin.headOf(sequence, heads, h));
      const w = twin.weighForward(twin.scoreForward(own, rows));
      const d = twin.weighBackward(
        w,
        dWeights.map((sequence) => sequence.map((row) => row[h])),
      );
      return { w, ...twin.scoreBackward(own, rows, d) };
    });
    const shown = x.map((sequence, b) => sequence.map((_, t) => ofHeads.map(({ w }) => w[b][t])));
    expect(relativeError(arena.takeMatrix(weights, N, heads), packSequences(shown))).toBeLessThan(TOLERANCE);
    const expectedX = x.map((sequence, b) => sequence.map((_, t) => ofHeads.flatMap((head) => head.x[b][t])));
    expect(relativeError(arena.takeMatrix(dX, N, C), packSequences(expectedX))).toBeLessThan(TOLERANCE);
    const rows = q.map((_, b) => ofHeads.flatMap((head) => head.q[b].map((value) => 0.5 * value)));
    const sums = rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0));
    const actual = each ? arena.takeMatrix(dQ, B, C) : arena.takeFloats(dQ, C);
    expect(relativeError(actual, each ? rows.flat() : sums)).toBeLessThan(TOLERANCE);
    arena.check();
  });
});

test('the float64 backward is the derivative of its forward', () => {
  const { x, q, dScores } = draw(3);
  const weights = () => twin.weighForward(twin.scoreForward(q, x));
  const loss = () =>
    weights()
      .flat()
      .reduce((sum, value, k) => sum + value * dScores.flat()[k], 0);
  const gradient = twin.scoreBackward(q, x, twin.weighBackward(weights(), dScores));
  expect(differenceError(x.flat(), gradient.x.flat(), loss)).toBeLessThan(1e-10);
  expect(differenceError(q, gradient.q, loss)).toBeLessThan(1e-10);
});
