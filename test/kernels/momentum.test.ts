import { expect, test } from 'vitest';
import { momentumDirection } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 4e-7; // at each of ten steps, measured 3.1e-7

test.each(rowsCases.flatMap(([name, rows]) => [false, true].map((ahead) => [name, ahead, rows] as const)))(
  'ten steps, %s, nesterov: %j',
  (_, nesterov, rows) => {
    const arena = new Arena();
    const { args, size, draw, put, putGradient, moving, zeros, onMoving } = rowsOf(arena, rows);
    const m = zeros();
    const mPtr = put(m);
    for (let t = 1; t <= 10; t++) {
      const g = draw(-0.3, 1);
      const gPtr = putGradient(g);
      arena.kernels.momentumDirection(gPtr, mPtr, ...args, 0.9, nesterov ? 1 : 0);
      onMoving((g, m) => momentumDirection(g, m, 0.9, nesterov), g, m);
      const direction = moving(g);
      expect(relativeError(arena.takeFloats(gPtr, direction.length), direction)).toBeLessThan(tolerance);
    }
    expect(relativeError(arena.takeFloats(mPtr, size), m)).toBeLessThan(tolerance);
    arena.check();
  },
);
