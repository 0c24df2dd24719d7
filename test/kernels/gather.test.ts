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

test('backward is the derivative', () => {
  const numbers = testNumbers(1);
  const x = drawMatrix(numbers, U, 3);
  const dY = drawMatrix(numbers, N, 3);
  const loss = () =>
    gatherForward(x, index).reduce((sum, row, n) => sum + row.reduce((s, v, j) => s + v * dY[n][j], 0), 0);
  expect(differenceError(x, gatherBackward(dY, index, U), loss)).toBeLessThan(1e-10);
});
