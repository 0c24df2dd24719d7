import { expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { concatBackward, concatForward } from '../reference/concat.ts';
import { Arena, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

const rows = 3;

test.each(sizes.flatMap((Ca) => sizes.map((Cb) => [Ca, Cb])))(
  'Ca = %i, Cb = %i: both ways, exactly',
  (Ca, Cb) => {
    const arena = new Arena();
    const numbers = testNumbers(Ca + Cb);
    const a = drawMatrix(numbers, rows, Ca);
    const b = drawMatrix(numbers, rows, Cb);

    const y = arena.putMatrix(rows, Ca + Cb);
    arena.kernels.concatForward(
      y,
      arena.putMatrix(rows, Ca, a.flat()),
      arena.putMatrix(rows, Cb, b.flat()),
      rows,
      Ca,
      Cb,
    );
    const joined = concatForward(a, b);
    expect([...arena.takeMatrix(y, rows, Ca + Cb)]).toEqual(joined.flat());

    const [dA, dB] = [arena.putMatrix(rows, Ca), arena.putMatrix(rows, Cb)];
    arena.kernels.concatBackward(dA, dB, y, rows, Ca, Cb);
    const split = concatBackward(joined, Ca);
    expect([...arena.takeMatrix(dA, rows, Ca)]).toEqual(split.dA.flat());
    expect([...arena.takeMatrix(dB, rows, Cb)]).toEqual(split.dB.flat());
    arena.check();
  },
);

test('backward is the derivative', () => {
  const numbers = testNumbers(1);
  const [a, b, dY] = [2, 3, 5].map((C) => drawMatrix(numbers, rows, C));
  const loss = () =>
    concatForward(a, b).reduce((sum, row, r) => sum + row.reduce((s, v, j) => s + v * dY[r][j], 0), 0);
  const { dA, dB } = concatBackward(dY, 2);
  expect(differenceError(a, dA, loss)).toBeLessThan(1e-10);
  expect(differenceError(b, dB, loss)).toBeLessThan(1e-10);
});
