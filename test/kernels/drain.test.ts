import { expect, test } from 'vitest';
import { drain } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 6e-8; // half a unit in the last place: measured 4.5e-8

test.each([0, ...sizes].flatMap((n) => [0, 4, 8, 12].map((skew) => [n, skew])))(
  'n = %i, %i bytes askew',
  (n, skew) => {
    const arena = new Arena();
    const numbers = testNumbers(n);
    const to = [...numbers.floats(n)];
    const from = [...numbers.floats(n)];
    const toPtr = arena.putFloats(to, skew);
    const fromPtr = arena.putFloats(from, skew);
    arena.kernels.drain(toPtr, fromPtr, n);
    drain(to, from);
    expect(relativeError(arena.takeFloats(toPtr, n), to)).toBeLessThan(tolerance);
    expect([...arena.takeFloats(fromPtr, n)]).toEqual(from);
    arena.check();
  },
);
