import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import * as twin from '../reference/norm.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

// Of the largest element of each result. Measured: 2.6e-7.
const TOLERANCE = 2e-6;
const EPSILON = 1e-5;

function draw(rows: number, C: number) {
  const numbers = testNumbers(C);
  return {
    x: drawMatrix(numbers, rows, C).map((row) => row.map((value) => Math.fround(value + 0.5))),
    dY: drawMatrix(numbers, rows, C),
    affine: { gamma: [...numbers.floats(C, 0.5, 2)], beta: [...numbers.floats(C)] },
  };
}

describe.each(sizes)('%i features', (C) => {
  test('forward and backward are the formula', () => {
    const rows = 7;
    const { x, dY, affine } = draw(rows, C);
    const arena = new Arena();
    const { kernels } = arena;
    const [gamma, beta] = [arena.putFloats(affine.gamma), arena.putFloats(affine.beta)];
    const given = arena.putMatrix(rows, C, x.flat());
    const [y, dX] = [arena.putFloats(rows * stride(C)), arena.putFloats(rows * stride(C))];
    const moments = arena.putFloats(rows * 8);
    kernels.layerNormForward(y, moments, given, gamma, beta, rows, C, EPSILON);
    const expected = twin.layerNormForward(x, affine, EPSILON).flat();
    expect(relativeError(arena.takeMatrix(y, rows, C), expected)).toBeLessThan(TOLERANCE);

    const before = testNumbers(1).floats(C);
    const [dGamma, dBeta] = [arena.putFloats(before), arena.putFloats(before)];
    const dOut = arena.putMatrix(rows, C, dY.flat());
    kernels.layerNormBackward(dX, dGamma, dBeta, dOut, given, moments, gamma, rows, C);
    const gradient = twin.layerNormBackward(x, dY, affine, EPSILON);
    const plus = (values: number[]) => values.map((value, k) => value + before[k]);
    // One feature is always its own mean: exact zeros in float64, rounding in f32.
    if (C > 1) {
      expect(relativeError(arena.takeMatrix(dX, rows, C), gradient.x.flat())).toBeLessThan(TOLERANCE);
    } else expect(arena.takeMatrix(dX, rows, C)).toEqual(new Float32Array(rows));
    expect(relativeError(arena.takeFloats(dGamma, C), plus(gradient.gamma))).toBeLessThan(TOLERANCE);
    expect(relativeError(arena.takeFloats(dBeta, C), plus(gradient.beta))).toBeLessThan(TOLERANCE);
    arena.check();
  });
});

test('the float64 backward is the derivative of its forward', () => {
  const { x, dY, affine } = draw(3, 5);
  const loss = () =>
    twin
      .layerNormForward(x, affine, EPSILON)
      .flat()
      .reduce((sum, value, k) => sum + value * dY.flat()[k], 0);
  const gradient = twin.layerNormBackward(x, dY, affine, EPSILON);
  expect(differenceError(x, gradient.x, loss)).toBeLessThan(1e-10);
  expect(differenceError([affine.gamma], [gradient.gamma], loss)).toBeLessThan(1e-10);
  expect(differenceError([affine.beta], [gradient.beta], loss)).toBeLessThan(1e-10);
});
