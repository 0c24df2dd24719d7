import { expect, test } from 'vitest';
import { Arena } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

test.each(rowsCases)('what is kept comes back, and nothing else: %s', (_, rows) => {
  const arena = new Arena();
  const { args, size, draw, put, onMoving } = rowsOf(arena, rows);
  const [list, count, width] = args;
  const [before, after] = [draw(), draw()];
  const p = put(before);
  const kept = arena.putFloats(count * width);
  const keptList = arena.putInts(count);
  arena.kernels.keepRows(kept, keptList, p, ...args);
  const q = put(after);
  arena.kernels.restoreRows(q, kept, list && keptList, count, width);
  onMoving(
    (after, before) =>
      before.forEach((value, k) => {
        after[k] = value;
      }),
    after,
    before,
  );
  expect([...arena.takeFloats(q, size)]).toEqual(after);
  expect([...arena.takeInts(keptList, count)]).toEqual(rows.list ?? new Array(count).fill(-1));
  arena.check();
});
