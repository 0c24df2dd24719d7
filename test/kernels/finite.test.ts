import { expect, test } from 'vitest';
import { Arena, sizes, testNumbers } from '../support/arena.ts';

const cases = [0, ...sizes, 64, 1001].flatMap((n) => [0, 4, 8, 12].map((skew) => [n, skew]));

test.each(cases)('n = %i, %i bytes askew', (n, skew) => {
  const arena = new Arena();
  const x = testNumbers(n).floats(n);
  x.fill(3.4e38, 0, n >> 1); // the sum of such numbers would be infinite
  const pointer = arena.putFloats(x, skew);
  expect(arena.kernels.allFinite(pointer, n)).toBe(1);
  arena.check();
});

test.each([...sizes, 64])('one of %i that is none, wherever it stands', (n) => {
  const arena = new Arena();
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (let at = 0; at < n; at++) {
      const x = testNumbers(n).floats(n);
      x[at] = bad;
      expect(arena.kernels.allFinite(arena.putFloats(x), n)).toBe(0);
    }
  }
  arena.check();
});
