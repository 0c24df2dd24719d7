import { describe, expect, test } from 'vitest';
import { clipValues } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 6e-8; // of each element: half a unit in the last place

const cases = sizes.flatMap((n) => [0, 4, 8, 12].map((skew) => [n, skew] as const));

describe('clipValues', () => {
  test.each(cases)('%i numbers, %i bytes askew', (n, skew) => {
    const arena = new Arena();
    const g = [...testNumbers(n).floats(n)];
    const ptr = arena.putFloats(g, skew);
    arena.kernels.clipValues(ptr, n, 0.5);
    clipValues(g, 0.5);
    expect([...arena.takeFloats(ptr, n)]).toEqual(g);
    arena.check();
  });

  test('a NaN stays, infinities do not', () => {
    const arena = new Arena();
    const ptr = arena.putFloats([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    arena.kernels.clipValues(ptr, 3, 2);
    expect([...arena.takeFloats(ptr, 3)]).toEqual([Number.NaN, 2, -2]);
  });
});

describe('scaleGradient', () => {
  test.each(cases)('%i numbers, %i bytes askew', (n, skew) => {
    const arena = new Arena();
    const g = [...testNumbers(n).floats(n)];
    const ptr = arena.putFloats(g, skew);
    arena.kernels.scaleGradient(ptr, n, 0.7);
    const wanted = g.map((value) => 0.7 * value);
    expect(relativeError(arena.takeFloats(ptr, n), wanted)).toBeLessThan(tolerance);
    arena.check();
  });

  test('by 1 leaves every bit', () => {
    const arena = new Arena();
    const ptr = arena.putFloats([-0, 1e-45, 3]);
    arena.kernels.scaleGradient(ptr, 3, 1);
    expect([...arena.takeFloats(ptr, 3)]).toEqual([...Float32Array.of(-0, 1e-45, 3)]);
  });
});
