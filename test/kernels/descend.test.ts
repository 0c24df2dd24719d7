import { describe, expect, test } from 'vitest';
import { addTimes } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 2e-7; // measured 8.1e-8

describe.each([
  ['descend', -0.3, 0.3],
  ['addDecay', 0.7, 0.7],
] as const)('%s', (kernel, times, factor) => {
  test.each(rowsCases)('%s', (_, rows) => {
    const arena = new Arena();
    const { args, size, draw, put, onMoving } = rowsOf(arena, rows);
    const [y, x] = [draw(), draw()];
    const yPtr = put(y);
    arena.kernels[kernel](yPtr, put(x), ...args, factor);
    onMoving((y, x) => addTimes(y, x, times), y, x);
    expect(relativeError(arena.takeFloats(yPtr, size), y)).toBeLessThan(tolerance);
    arena.check();
  });
});
