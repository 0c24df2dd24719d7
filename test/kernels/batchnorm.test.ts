import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import * as twin from '../reference/norm.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

// Of the largest element of each result. Measured: 4.7e-7, and of the gradient of x 2.6e-6, where three rows leave
// little of it: it is a difference of what is nearly equal.
const TOLERANCE = 2e-6;
const TOLERANCE_DX = 5e-6;
const EPSILON = 1e-5;

const plain = { most: 1, shift: 0 };
const renormalised = { most: 1.5, shift: 0.25 }; // some features are beyond either limit, some within

function draw(rows: number, C: number) {
  const numbers = testNumbers(100 * rows + C);
  const spread = numbers.floats(C, 0.25, 3);
  return {
    x: drawMatrix(numbers, rows, C).map((row) => row.map((value, j) => Math.fround(value * spread[j] + 0.5))),
    dY: drawMatrix(numbers, rows, C),
    affine: { gamma: [...numbers.floats(C, 0.5, 2)], beta: [...numbers.floats(C)] },
    running: { mean: [...numbers.floats(C)], variance: [...numbers.floats(C, 0.25, 2)] },
  };
}

// Two rows have no gradient but rounding: each is as far from their mean as the other.
const cases = sizes.flatMap((C) => [3, 7, 100].map((rows) => [rows, C]));

describe.each([plain, renormalised])('at most $most, shift $shift', (limits) => {
  test.each(cases)('%i rows of %i features: forward, backward, statistics', (rows, C) => {
    const { x, dY, affine, running } = draw(rows, C);
    const arena = new Arena();
    const { kernels } = arena;
    const statistics = twin.batchStatistics(x, running, limits, EPSILON);
    const table = arena.putFloats(9 * stride(C));
    const [gamma, beta] = [arena.putFloats(affine.gamma), arena.putFloats(affine.beta)];
    const [mean, variance] = [arena.putFloats(running.mean), arena.putFloats(running.variance)];
    const given = arena.putMatrix(rows, C, x.flat());
    const [y, dX] = [arena.putFloats(rows * stride(C)), arena.putFloats(rows * stride(C))];
    const [most, shift] = [limits.most, limits.shift];
    kernels.batchNormStatistics(table, given, gamma, beta, mean, variance, rows, C, EPSILON, most, shift);
    kernels.batchNormForward(y, given, table, rows, C);
    const expected = twin.batchNormForward(x, affine, statistics);
    expect(relativeError(arena.takeMatrix(y, rows, C), expected.flat())).toBeLessThan(TOLERANCE);

    const before = testNumbers(1).floats(C);
    const [dGamma, dBeta] = [arena.putFloats(before), arena.putFloats(before)];
    const [dMean, dVariance] = [arena.putFloats(before), arena.putFloats(before)];
    const outputs = [dX, dGamma, dBeta, dMean, dVariance, table] as const;
    const dOut = arena.putMatrix(rows, C, dY.flat());
    kernels.batchNormBackward(...outputs, dOut, given, variance, rows, C, 0.75);
    const gradient = twin.batchNormBackward(x, dY, affine, statistics);
    const plus = (values: number[]) => values.map((value, k) => value + before[k]);
    const near = (pointer: number, values: number[]) =>
      expect(relativeError(arena.takeFloats(pointer, C), plus(values))).toBeLessThan(TOLERANCE);
    expect(relativeError(arena.takeMatrix(dX, rows, C), gradient.x.flat())).toBeLessThan(TOLERANCE_DX);
    near(dGamma, gradient.gamma);
    near(dBeta, gradient.beta);
    near(
      dMean,
      statistics.map((own) => 0.75 * own.mean),
    );
    near(
      dVariance,
      statistics.map((own) => (0.75 * own.variance * rows) / (rows - 1)),
    );
    arena.check();
  });
});

test.each(sizes)('%i features: a prediction uses the running statistics', (C) => {
  const { x, affine, running } = draw(5, C);
  const arena = new Arena();
  const table = arena.putFloats(3 * stride(C));
  const [gamma, beta] = [arena.putFloats(affine.gamma), arena.putFloats(affine.beta)];
  const [mean, variance] = [arena.putFloats(running.mean), arena.putFloats(running.variance)];
  const y = arena.putMatrix(5, C, x.flat());
  arena.kernels.batchNormPrepare(table, gamma, beta, mean, variance, C, EPSILON);
  arena.kernels.batchNormForward(y, y, table, 5, C);
  const statistics = running.mean.map((own, j) => {
    return { mean: own, variance: 0, deviation: Math.sqrt(running.variance[j] + EPSILON), r: 1, d: 0 };
  });
  const expected = twin.batchNormForward(x, affine, statistics).flat();
  expect(relativeError(arena.takeMatrix(y, 5, C), expected)).toBeLessThan(TOLERANCE);
  arena.check();
});

test('one row becomes β, and leaves the running variance; no rows change nothing', () => {
  const arena = new Arena();
  const { kernels } = arena;
  const table = arena.putFloats(9 * 8);
  const [gamma, beta] = [arena.putFloats([2, 3, 4]), arena.putFloats([0.5, -1, 7])];
  const [mean, variance] = [arena.putFloats([1, 1, 1]), arena.putFloats([2, 3, 4])];
  const given = arena.putMatrix(1, 3, [5, 6, 7]);
  const [y, dX] = [arena.putFloats(8), arena.putFloats(8)];
  const sums = () => arena.putFloats([0, 0, 0]);
  const [dGamma, dBeta, dMean, dVariance] = [sums(), sums(), sums(), sums()];
  const outputs = [dX, dGamma, dBeta, dMean, dVariance, table] as const;
  for (const rows of [1, 0]) {
    kernels.batchNormStatistics(table, given, gamma, beta, mean, variance, rows, 3, EPSILON, 1, 0);
    kernels.batchNormForward(y, given, table, rows, 3);
    kernels.batchNormBackward(...outputs, given, given, variance, rows, 3, 1);
    expect([...arena.takeMatrix(y, 1, 3)]).toEqual([0.5, -1, 7]);
    expect([...arena.takeMatrix(dX, 1, 3)]).toEqual([0, 0, 0]);
    expect([...arena.takeFloats(dBeta, 3)]).toEqual([5, 6, 7]);
    expect([...arena.takeFloats(dMean, 3)]).toEqual([5, 6, 7]);
    expect([...arena.takeFloats(dVariance, 3)]).toEqual([2, 3, 4]);
  }
  arena.check();
});

test('the float64 backward is the derivative of its forward', () => {
  const { x, dY, affine, running } = draw(6, 4);
  // r and d count as constants: hold them where they are.
  const held = twin.batchStatistics(x, running, renormalised, EPSILON);
  const loss = () => {
    const statistics = twin
      .batchStatistics(x, running, renormalised, EPSILON)
      .map((own, j) => ({ ...own, r: held[j].r, d: held[j].d }));
    return twin
      .batchNormForward(x, affine, statistics)
      .flat()
      .reduce((sum, value, k) => sum + value * dY.flat()[k], 0);
  };
  const gradient = twin.batchNormBackward(x, dY, affine, held);
  expect(differenceError(x, gradient.x, loss)).toBeLessThan(1e-10);
  expect(differenceError([affine.gamma], [gradient.gamma], loss)).toBeLessThan(1e-10);
  expect(differenceError([affine.beta], [gradient.beta], loss)).toBeLessThan(1e-10);
});
