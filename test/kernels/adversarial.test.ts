import { expect, test } from 'vitest';
import { adversarialMove } from '../reference/adversarial.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

const tolerance = 2e-7; // measured 5.8e-8

const lengths = [4, 3, 3, 1];
const N = 11;

test.each(sizes)('C = %i: each text moves along its gradient, by ε in all', (C) => {
  const arena = new Arena();
  const numbers = testNumbers(C);
  const x = lengths.map((T) => drawMatrix(numbers, T, C));
  const dX = lengths.map((T) => drawMatrix(numbers, T, C, 1e-3));
  dX[2] = dX[2].map((row) => row.map(() => 0));
  const moved = arena.putMatrix(N, C, packSequences(x));
  const squares = arena.putMatrix(lengths.length, 8);
  const steps = arena.putInts(stepsOf(lengths));
  const gradient = arena.putMatrix(N, C, packSequences(dX));
  arena.kernels.adversarialMove(moved, squares, gradient, steps, 0.5, 4, lengths.length, C);
  const expected = packSequences(adversarialMove(x, dX, 0.5));
  expect(relativeError(arena.takeMatrix(moved, N, C), expected)).toBeLessThan(tolerance);
  arena.check();
});
