import { expect, test } from 'vitest';
import { drain } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 6e-8; // half a unit in the last place

const cases = sizes.flatMap((n) => [0, 4, 8, 12].map((skew) => [n, skew] as const));

test.each(cases)('drain: %i numbers, %i bytes askew', (n, skew) => {
  const arena = new Arena();
  const numbers = testNumbers(n);
  const [to, from] = [0, 1].map(() => [...numbers.floats(n)]);
  const [toPtr, fromPtr] = [arena.putFloats(to, skew), arena.putFloats(from, skew)];
  arena.kernels.drain(toPtr, fromPtr, n);
  drain(to, from);
  expect(relativeError(arena.takeFloats(toPtr, n), to)).toBeLessThan(tolerance);
  expect([...arena.takeFloats(fromPtr, n)]).toEqual(from);
  arena.check();
});

test.each(cases)('clear: %i numbers, %i bytes askew', (n, skew) => {
  const arena = new Arena();
  const ptr = arena.putFloats(testNumbers(n).floats(n), skew);
  arena.kernels.clear(ptr, n);
  expect([...arena.takeFloats(ptr, n)]).toEqual(new Array(n).fill(0));
  arena.check();
});
