import { expect, test } from 'vitest';
import { drain } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 6e-8; // half a unit in the last place

test.each(rowsCases)('drain: %s', (_, rows) => {
  const arena = new Arena();
  const { args, size, draw, put, onMoving } = rowsOf(arena, rows);
  const [to, from] = [draw(), draw()];
  const [toPtr, fromPtr] = [put(to), put(from)];
  arena.kernels.drain(toPtr, fromPtr, ...args);
  onMoving(drain, to, from);
  expect(relativeError(arena.takeFloats(toPtr, size), to)).toBeLessThan(tolerance);
  expect([...arena.takeFloats(fromPtr, size)]).toEqual(from);
  arena.check();
});

test.each(rowsCases)('clear: %s', (_, rows) => {
  const arena = new Arena();
  const { args, size, draw, put, onMoving } = rowsOf(arena, rows);
  const x = draw();
  const ptr = put(x);
  arena.kernels.clear(ptr, ...args);
  onMoving((x) => x.fill(0), x);
  expect([...arena.takeFloats(ptr, size)]).toEqual(x);
  arena.check();
});
