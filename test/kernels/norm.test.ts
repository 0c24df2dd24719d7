import { expect, test } from 'vitest';
import { sumSquares } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { type RowsCase, rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 2e-14; // measured 1.1e-14, which is the twin adding one by one

const large: readonly [string, RowsCase] = ['a large one', { height: 1, width: 10_001, skew: 4 }];

test.each([...rowsCases, large])('%s', (_, rows) => {
  const arena = new Arena();
  const { args, draw, put, onMoving } = rowsOf(arena, rows);
  const x = draw();
  const ptr = put(x);
  let wanted = 0;
  onMoving((x) => {
    wanted = sumSquares(x);
  }, x);
  expect(relativeError([arena.kernels.sumSquares(ptr, ...args)], [wanted])).toBeLessThan(tolerance);
  const sum = arena.putDoubles(1);
  arena.kernels.clear(sum, 2);
  for (let twice = 0; twice < 2; twice++) arena.kernels.addSquares(sum, ptr, ...args);
  expect(relativeError([arena.takeDouble(sum)], [2 * wanted])).toBeLessThan(tolerance);
  arena.check();
});

test('squares beyond the range of f32, and NaN', () => {
  const arena = new Arena();
  expect(arena.kernels.sumSquares(arena.putFloats([3e38, 1, 1, 1]), 0, 1, 4)).toBeGreaterThan(8.9e76);
  expect(arena.kernels.sumSquares(arena.putFloats([1, 1, 1, 1, Number.NaN]), 0, 1, 5)).toBeNaN();
  arena.check();
});
