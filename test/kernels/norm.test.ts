import { expect, test } from 'vitest';
import { sumSquares } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 2e-14; // measured 1.1e-14, which is the twin adding one by one

test.each([0, ...sizes, 10_001].flatMap((n) => [0, 4, 8, 12].map((skew) => [n, skew])))(
  'n = %i, %i bytes askew',
  (n, skew) => {
    const arena = new Arena();
    const x = testNumbers(n).floats(n);
    const sum = arena.kernels.sumSquares(arena.putFloats(x, skew), n);
    expect(relativeError([sum], [sumSquares([...x])])).toBeLessThan(tolerance);
    arena.check();
  },
);

test('squares beyond the range of f32, and NaN', () => {
  const arena = new Arena();
  expect(arena.kernels.sumSquares(arena.putFloats([3e38, 1, 1, 1]), 4)).toBeGreaterThan(8.9e76);
  expect(arena.kernels.sumSquares(arena.putFloats([1, 1, 1, 1, Number.NaN]), 5)).toBeNaN();
  arena.check();
});
