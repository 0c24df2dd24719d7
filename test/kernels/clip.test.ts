import { describe, expect, test } from 'vitest';
import { clipValues } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 6e-8; // of each element: half a unit in the last place

describe('clipValues', () => {
  test.each(rowsCases)('%s', (_, rows) => {
    const arena = new Arena();
    const { args, size, draw, put, onMoving } = rowsOf(arena, rows);
    const g = draw();
    const ptr = put(g);
    arena.kernels.clipValues(ptr, ...args, 0.5);
    onMoving((g) => clipValues(g, 0.5), g);
    expect([...arena.takeFloats(ptr, size)]).toEqual(g);
    arena.check();
  });

  test('a NaN stays, infinities do not', () => {
    const arena = new Arena();
    const ptr = arena.putFloats([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    arena.kernels.clipValues(ptr, 0, 1, 3, 2);
    expect([...arena.takeFloats(ptr, 3)]).toEqual([Number.NaN, 2, -2]);
  });
});

describe('scaleGradient', () => {
  test.each(rowsCases)('%s', (_, rows) => {
    const arena = new Arena();
    const { args, size, draw, put, onMoving } = rowsOf(arena, rows);
    const g = draw();
    const ptr = put(g);
    arena.kernels.scaleGradient(ptr, ...args, 0.7);
    onMoving(
      (g) =>
        g.forEach((value, k) => {
          g[k] = 0.7 * value;
        }),
      g,
    );
    expect(relativeError(arena.takeFloats(ptr, size), g)).toBeLessThan(tolerance);
    arena.check();
  });

  test('by 1 leaves every bit', () => {
    const arena = new Arena();
    const ptr = arena.putFloats([-0, 1e-45, 3]);
    arena.kernels.scaleGradient(ptr, 0, 1, 3, 1);
    expect([...arena.takeFloats(ptr, 3)]).toEqual([...Float32Array.of(-0, 1e-45, 3)]);
  });
});
