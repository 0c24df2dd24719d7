import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import * as twin from '../reference/norm.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

// Of the largest element of each result. Measured: 2.9e-7, there and back 2.2e-7; of the gradients behind both, sums of
// what nearly cancels, 1.1e-6.
const TOLERANCE = 6e-7;
const TOLERANCE_BOTH = 2e-6;
const EPSILON = 1e-5;

const plain = { most: 1, shift: 0 };
const renormalised = { most: 1.5, shift: 0.25 };

function draw(rows: number, C: number) {
  const numbers = testNumbers(100 * rows + C);
  const spread = numbers.floats(C, 0.25, 3);
  return {
    x: drawMatrix(numbers, rows, C).map((row) => row.map((value, j) => Math.fround(value * spread[j] + 0.5))),
    dOut: drawMatrix(numbers, rows, C),
    affine: { gamma: [...numbers.floats(C, 0.5, 2)], beta: [...numbers.floats(C)] },
    running: { mean: [...numbers.floats(C)], variance: [...numbers.floats(C, 0.25, 2)] },
  };
}

/** What stands between: something that is no identity, of the same shape. */
const between = (y: number) => Math.fround(0.75 * y + 0.25 * y * y);
const slope = (y: number) => 0.75 + 0.5 * y;

const cases = sizes.flatMap((C) => [3, 7, 100].map((rows) => [rows, C]));

describe.each([plain, renormalised])('at most $most, shift $shift', (limits) => {
  test.each(cases)('%i rows of %i features', (rows, C) => {
    const { x, dOut, affine, running } = draw(rows, C);
    const statistics = twin.batchStatistics(x, running, limits, EPSILON);
    const arena = new Arena();
    const { kernels } = arena;
    const table = arena.putFloats(9 * stride(C));
    const inverse = arena.putFloats(3 * stride(C));
    const [gamma, beta] = [arena.putFloats(affine.gamma), arena.putFloats(affine.beta)];
    const [mean, variance] = [arena.putFloats(running.mean), arena.putFloats(running.variance)];
    const given = arena.putMatrix(rows, C, x.flat());
    const [y, back] = [arena.putMatrix(rows, C), arena.putMatrix(rows, C)];
    const { most, shift } = limits;
    kernels.batchNormStatistics(table, given, gamma, beta, mean, variance, rows, C, EPSILON, most, shift);
    kernels.batchNormForward(y, given, table, rows, C);
    kernels.batchNormInvert(inverse, table, C);
    kernels.batchNormForward(back, y, inverse, rows, C);
    expect(relativeError(arena.takeMatrix(back, rows, C), x.flat())).toBeLessThan(TOLERANCE);

    const normal = [...arena.takeMatrix(y, rows, C)];
    const shown = normal.map(between);
    const z = Array.from({ length: rows }, (_, r) => shown.slice(r * C, (r + 1) * C));
    const moved = arena.putMatrix(rows, C, shown);
    const out = arena.putMatrix(rows, C);
    kernels.batchNormForward(out, moved, inverse, rows, C);
    const expected = twin.batchNormInverseForward(z, affine, statistics);
    expect(relativeError(arena.takeMatrix(out, rows, C), expected.flat())).toBeLessThan(TOLERANCE);

    const dZ = arena.putMatrix(rows, C);
    const given2 = arena.putMatrix(rows, C, dOut.flat());
    kernels.batchNormInverseBackward(dZ, table, given2, moved, inverse, rows, C);
    const outer = twin.batchNormInverseBackward(z, dOut, affine, statistics);
    expect(relativeError(arena.takeMatrix(dZ, rows, C), outer.y.flat())).toBeLessThan(TOLERANCE);

    const dY = outer.y.map((row, r) => row.map((value, j) => Math.fround(value * slope(normal[r * C + j]))));
    const dX = arena.putMatrix(rows, C);
    const zeros = () => arena.putFloats(new Array(C).fill(0));
    const sums = [zeros(), zeros(), zeros(), zeros()] as const;
    const dNormal = arena.putMatrix(rows, C, dY.flat());
    kernels.batchNormBackward(dX, ...sums, table, dNormal, given, variance, rows, C, 1);
    const inner = twin.batchNormBackward(x, dY, affine, statistics);
    const rest = twin.statisticsBackward(x, outer.mean, outer.deviation, statistics);
    const whole = inner.x.map((row, r) => row.map((value, j) => value + rest[r][j]));
    expect(relativeError(arena.takeMatrix(dX, rows, C), whole.flat())).toBeLessThan(TOLERANCE_BOTH);
    const near = (pointer: number, values: number[], more: number[]) => {
      const all = values.map((value, j) => value + more[j]);
      // Both parts may cancel: of the larger of them.
      const scale = Math.max(...values.map(Math.abs), ...more.map(Math.abs));
      const error = Math.max(...arena.takeFloats(pointer, C).map((value, j) => Math.abs(value - all[j])));
      expect(error / scale).toBeLessThan(TOLERANCE_BOTH);
    };
    near(sums[0], inner.gamma, outer.gamma);
    near(sums[1], inner.beta, outer.beta);
    arena.check();
  });
});

test.each(sizes)('%i features: a prediction is undone by the running statistics', (C) => {
  const { x, affine, running } = draw(5, C);
  const arena = new Arena();
  const { kernels } = arena;
  const [table, inverse] = [arena.putFloats(3 * stride(C)), arena.putFloats(3 * stride(C))];
  const [gamma, beta] = [arena.putFloats(affine.gamma), arena.putFloats(affine.beta)];
  const [mean, variance] = [arena.putFloats(running.mean), arena.putFloats(running.variance)];
  const y = arena.putMatrix(5, C, x.flat());
  kernels.batchNormPrepare(table, gamma, beta, mean, variance, C, EPSILON);
  kernels.batchNormInvert(inverse, table, C);
  kernels.batchNormForward(y, y, table, 5, C);
  kernels.batchNormForward(y, y, inverse, 5, C);
  expect(relativeError(arena.takeMatrix(y, 5, C), x.flat())).toBeLessThan(TOLERANCE);
  arena.check();
});

test('the float64 backward of a pair is the derivative of its forward', () => {
  const { x, dOut, affine, running } = draw(6, 4);
  const held = twin.batchStatistics(x, running, renormalised, EPSILON);
  const pair = () => {
    const statistics = twin
      .batchStatistics(x, running, renormalised, EPSILON)
      .map((own, j) => ({ ...own, r: held[j].r, d: held[j].d }));
    const y = twin.batchNormForward(x, affine, statistics);
    const z = y.map((row) => row.map((value) => 0.75 * value + 0.25 * value * value));
    return { y, z, out: twin.batchNormInverseForward(z, affine, statistics) };
  };
  const loss = () =>
    pair()
      .out.flat()
      .reduce((sum, value, k) => sum + value * dOut.flat()[k], 0);
  const { y, z } = pair();
  const outer = twin.batchNormInverseBackward(z, dOut, affine, held);
  const dY = outer.y.map((row, r) => row.map((value, j) => value * slope(y[r][j])));
  const inner = twin.batchNormBackward(x, dY, affine, held);
  const rest = twin.statisticsBackward(x, outer.mean, outer.deviation, held);
  const dX = inner.x.map((row, r) => row.map((value, j) => value + rest[r][j]));
  const plus = (a: number[], b: number[]) => a.map((value, j) => value + b[j]);
  expect(differenceError(x, dX, loss)).toBeLessThan(1e-10);
  expect(differenceError([affine.gamma], [plus(inner.gamma, outer.gamma)], loss)).toBeLessThan(1e-10);
  expect(differenceError([affine.beta], [plus(inner.beta, outer.beta)], loss)).toBeLessThan(1e-10);
});
