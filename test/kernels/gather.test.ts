import { expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { gatherBackward, gatherForward } from '../reference/gather.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

const tolerance = 2e-7; // of the sums of backward, measured 1.1e-7

const U = 5;
const index = [4, 0, 0, 2, 4, 4, 1, 0, 4]; // row 3 is shown nowhere
const N = index.length;

test.each(sizes)('C = %i: forward and backward are the formula', (C) => {
  const arena = new Arena();
  const numbers = testNumbers(C);
  const x = drawMatrix(numbers, U, C);
  const dY = drawMatrix(numbers, N, C);
  const indexPtr = arena.putInts(index);

  const y = arena.putMatrix(N, C);
  arena.kernels.gatherForward(y, arena.putMatrix(U, C, x.flat()), indexPtr, N, C);
  expect([...arena.takeMatrix(y, N, C)]).toEqual(gatherForward(x, index).flat());

  const dX = arena.putMatrix(U, C);
  arena.kernels.gatherBackward(dX, arena.putMatrix(N, C, dY.flat()), indexPtr, N, U, C);
  expect(relativeError(arena.takeMatrix(dX, U, C), gatherBackward(dY, index, U).flat())).toBeLessThan(
    tolerance,
  );
  arena.check();
});

test.each(sizes)('C = %i: in place, too', (C) => {
  const shown = [0, 1, 0, 2, 2, 1, 2, 3, 4]; // numbered by their last rows
  const arena = new Arena();
  const numbers = testNumbers(C);
  const x = drawMatrix(numbers, U, C);
  const dY = drawMatrix(numbers, N, C);
  const indexPtr = arena.putInts(shown);
  const home = arena.putInts(new Array(U).fill(0));

  const rows = arena.putMatrix(N, C, [...x, ...drawMatrix(numbers, N - U, C)].flat());
  arena.kernels.moveHome(rows, home, indexPtr, N, U, C);
  const moved = arena.takeMatrix(rows, N, C);
  const homes = [...arena.takeInts(home, U)];
  expect(homes).toEqual([2, 5, 6, 7, 8]);
  for (const [u, at] of homes.entries()) expect([...moved.subarray(at * C, (at + 1) * C)]).toEqual(x[u]);

  const dRows = arena.putMatrix(N, C, dY.flat());
  arena.kernels.sumHome(dRows, home, indexPtr, N, U, C);
  const sums = gatherBackward(dY, shown, U).flat();
  expect(relativeError(arena.takeMatrix(dRows, U, C), sums)).toBeLessThan(tolerance);
  arena.check();
});

test('backward is the derivative', () => {
  const numbers = testNumbers(1);
  const x = drawMatrix(numbers, U, 3);
  const dY = drawMatrix(numbers, N, 3);
  const loss = () =>
    gatherForward(x, index).reduce((sum, row, n) => sum + row.reduce((s, v, j) => s + v * dY[n][j], 0), 0);
  expect(differenceError(x, gatherBackward(dY, index, U), loss)).toBeLessThan(1e-10);
});
