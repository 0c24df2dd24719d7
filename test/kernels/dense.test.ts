import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { denseBackward, denseForward } from '../reference/dense.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

// Of the largest element of each result. Measured: 4.3e-7.
const TOLERANCE = 1e-6;

const shapes = sizes.flatMap((I) => [1, 3, 8, 17].map((O) => [I, O]));

function draw(rows: number, I: number, O: number) {
  const numbers = testNumbers(100 * I + O);
  return {
    x: drawMatrix(numbers, rows, I),
    weight: drawMatrix(numbers, O, I),
    bias: [...numbers.floats(O)],
    dY: drawMatrix(numbers, rows, O),
  };
}

describe.each(shapes)('dense, %i to %i', (I, O) => {
  const rows = 7;
  const { x, weight, bias, dY } = draw(rows, I, O);

  test('forward is the formula', () => {
    const arena = new Arena();
    const panels = arena.putFloats(stride(O) * I);
    const y = arena.putMatrix(rows, O);
    arena.kernels.densePack(panels, arena.putFloats(weight.flat()), I, O);
    arena.kernels.denseForward(
      y,
      arena.putMatrix(rows, I, x.flat()),
      panels,
      arena.putFloats(bias),
      rows,
      I,
      O,
    );
    expect(relativeError(arena.takeMatrix(y, rows, O), denseForward(x, weight, bias).flat())).toBeLessThan(
      TOLERANCE,
    );
    arena.check();
  });

  test('backward is the formula, and adds to the gradients of the parameters', () => {
    const arena = new Arena();
    const { kernels } = arena;
    const expected = denseBackward(x, weight, dY);
    const [xPtr, dYPtr] = [arena.putMatrix(rows, I, x.flat()), arena.putMatrix(rows, O, dY.flat())];
    const panels = arena.putFloats(stride(I) * O);
    const scratch = arena.putFloats(kernels.matmulTransposedAScratch(I));
    const dX = arena.putMatrix(rows, I);
    const before = testNumbers(1).floats(O * I + O);
    const [dWeight, dBias] = [
      arena.putFloats(before.subarray(0, O * I)),
      arena.putFloats(before.subarray(O * I)),
    ];
    kernels.densePackBackward(panels, arena.putFloats(weight.flat()), I, O);
    kernels.denseWeightGradient(dWeight, dYPtr, xPtr, scratch, rows, I, O);
    kernels.denseBiasGradient(dBias, dYPtr, rows, O);
    kernels.denseInputGradient(dX, dYPtr, panels, rows, I, O, 0);

    const plus = (values: number[], from: number) => values.map((value, k) => value + before[from + k]);
    expect(relativeError(arena.takeMatrix(dX, rows, I), expected.x.flat())).toBeLessThan(TOLERANCE);
    kernels.denseInputGradient(dX, dYPtr, panels, rows, I, O, 1);
    const twice = expected.x.flat().map((value) => 2 * value);
    expect(relativeError(arena.takeMatrix(dX, rows, I), twice)).toBeLessThan(TOLERANCE);
    expect(relativeError(arena.takeFloats(dWeight, O * I), plus(expected.weight.flat(), 0))).toBeLessThan(
      TOLERANCE,
    );
    expect(relativeError(arena.takeFloats(dBias, O), plus(expected.bias, O * I))).toBeLessThan(TOLERANCE);
    arena.check();
  });
});

test('the float64 backward is the derivative of its forward', () => {
  const { x, weight, bias, dY } = draw(3, 4, 5);
  const loss = () =>
    denseForward(x, weight, bias)
      .flat()
      .reduce((sum, value, k) => sum + value * dY.flat()[k], 0);
  const gradient = denseBackward(x, weight, dY);
  expect(differenceError(x, gradient.x, loss)).toBeLessThan(1e-10);
  expect(differenceError(weight, gradient.weight, loss)).toBeLessThan(1e-10);
  expect(differenceError([bias], [gradient.bias], loss)).toBeLessThan(1e-10);
});

test.each(sizes)('panels of %i columns packed in pieces are those packed at once', (n) => {
  const arena = new Arena();
  const b = arena.putFloats(testNumbers(n).floats(9 * n));
  const [whole, pieces] = [arena.putFloats(9 * stride(n)), arena.putFloats(9 * stride(n))];
  arena.kernels.packRows(whole, b, 9, n);
  arena.kernels.packRowsAt(pieces, b, 4, n, n, 9, 0);
  arena.kernels.packRowsAt(pieces, b + 4 * n * 4, 5, n, n, 9, 4);
  expect(arena.takeFloats(pieces, 9 * stride(n))).toEqual(arena.takeFloats(whole, 9 * stride(n)));
  arena.check();
});
