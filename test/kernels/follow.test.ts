import { expect, test } from 'vitest';
import { follow } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 4e-7; // after ten steps, measured 1.9e-7

test.each(sizes.flatMap((n) => [0, 4, 8, 12].map((skew) => [n, skew])))(
  'ten steps, n = %i, %i bytes askew',
  (n, skew) => {
    const arena = new Arena();
    const numbers = testNumbers(n);
    const mean = [...numbers.floats(n)];
    const ptr = arena.putFloats(mean, skew);
    for (let step = 0; step < 10; step++) {
      const x = [...numbers.floats(n)];
      arena.kernels.follow(ptr, arena.putFloats(x, skew), n, 0.1);
      follow(mean, x, 0.1);
    }
    expect(relativeError(arena.takeFloats(ptr, n), mean)).toBeLessThan(tolerance);
    arena.check();
  },
);

test('a share of 1 takes what it follows, to the bit', () => {
  const arena = new Arena();
  const ptr = arena.putFloats([1, 2, 3, 4, 1e20]);
  arena.kernels.follow(ptr, arena.putFloats([5, 4, 3, 2, 1e-20]), 5, 1);
  expect(arena.takeFloats(ptr, 5)).toEqual(Float32Array.of(5, 4, 3, 2, 1e-20));
  arena.check();
});
