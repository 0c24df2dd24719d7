import { expect, test } from 'vitest';
import { addTimes } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 2e-7; // measured 8.1e-8

test.each(rowsCases)('descend: %s', (_, rows) => {
  const arena = new Arena();
  const { args, size, draw, put, putGradient, onMoving } = rowsOf(arena, rows);
  const [p, direction] = [draw(), draw()];
  const ptr = put(p);
  arena.kernels.descend(ptr, putGradient(direction), ...args, 0.3);
  onMoving((p, direction) => addTimes(p, direction, -0.3), p, direction);
  expect(relativeError(arena.takeFloats(ptr, size), p)).toBeLessThan(tolerance);
  arena.check();
});

test.each(rowsCases)('addDecay: %s', (_, rows) => {
  const arena = new Arena();
  const { args, draw, put, putGradient, moving } = rowsOf(arena, rows);
  const [g, p] = [draw(), draw()];
  const ptr = putGradient(g);
  arena.kernels.addDecay(ptr, put(p), ...args, 0.7);
  const wanted = moving(g);
  addTimes(wanted, moving(p), 0.7);
  expect(relativeError(arena.takeFloats(ptr, wanted.length), wanted)).toBeLessThan(tolerance);
  arena.check();
});
