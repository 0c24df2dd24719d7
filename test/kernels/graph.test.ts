import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import * as twin from '../reference/graph.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

// Of the largest element of each result. Measured: 3.5e-7.
const TOLERANCE = 1e-6;

const lengths = [12, 5, 5, 1];
const [B, N, U] = [lengths.length, lengths.reduce((a, b) => a + b), 7];

describe.each(sizes.flatMap((C) => [1, 3, 50].map((window) => [C, window])))(
  '%i features, window %i',
  (C, window) => {
    test('there and back are the formula', () => {
      const numbers = testNumbers(10 * C + window);
      const words = lengths.map((length) => Array.from({ length }, () => numbers.int(U)));
      const x = lengths.map((length) => drawMatrix(numbers, length, C));
      const dY = lengths.map((length) => drawMatrix(numbers, length, C));
      const arena = new Arena();
      const { kernels } = arena;
      const index = packSequences(words.map((text) => text.map((word) => [word])));
      const given = [
        arena.putInts(index),
        arena.putInts(stepsOf(lengths)),
        arena.putInts(lengths),
        arena.putFloats(kernels.graphScratch(Math.max(12, U), C)),
        B,
        U,
        C,
        window,
      ] as const;
      const [y, dX] = [arena.putFloats(N * stride(C)), arena.putFloats(N * stride(C))];
      kernels.graphMix(y, arena.putMatrix(N, C, packSequences(x)), ...given, 0);
      const expected = packSequences(x.map((text, b) => twin.graphForward(text, words[b], window)));
      expect(relativeError(arena.takeMatrix(y, N, C), expected)).toBeLessThan(TOLERANCE);
      kernels.graphMix(dX, arena.putMatrix(N, C, packSequences(dY)), ...given, 1);
      const gradient = packSequences(dY.map((text, b) => twin.graphBackward(text, words[b], window)));
      expect(relativeError(arena.takeMatrix(dX, N, C), gradient)).toBeLessThan(TOLERANCE);
      arena.check();
    });
  },
);

test('the float64 backward is the derivative of its forward', () => {
  const numbers = testNumbers(1);
  const words = [0, 1, 0, 2, 3, 1];
  const [x, dY] = [drawMatrix(numbers, 6, 3), drawMatrix(numbers, 6, 3)];
  const loss = () =>
    twin
      .graphForward(x, words, 2)
      .flat()
      .reduce((sum, value, k) => sum + value * dY.flat()[k], 0);
  expect(differenceError(x, twin.graphBackward(dY, words, 2), loss)).toBeLessThan(1e-10);
});
