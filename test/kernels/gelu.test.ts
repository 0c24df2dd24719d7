import { expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { gelu, geluDerivativeAt } from '../reference/activation.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

// Of the largest element, |x| ≤ 6. Measured: 1.6e-7.
const TOLERANCE = 5e-7;

test.each(sizes)('%i blocks of eight: forward and backward are the formula', (blocks) => {
  const arena = new Arena();
  const count = 8 * blocks;
  const numbers = testNumbers(blocks);
  const [x, dY] = [numbers.floats(count, -6, 6), numbers.floats(count)];
  const [given, y, dX] = [arena.putFloats(x), arena.putFloats(count), arena.putFloats(count)];
  arena.kernels.geluForward(y, given, count);
  expect(relativeError(arena.takeFloats(y, count), [...x].map(gelu))).toBeLessThan(TOLERANCE);
  arena.kernels.geluBackward(dX, arena.putFloats(dY), given, count);
  const expected = [...x].map((v, k) => dY[k] * geluDerivativeAt(v));
  expect(relativeError(arena.takeFloats(dX, count), expected)).toBeLessThan(TOLERANCE);
  arena.check();
});

test('the error over a dense sweep is absolute, and small beside one', () => {
  const arena = new Arena();
  const x = Float32Array.from({ length: 1 << 14 }, (_, k) => -6 + (12 * k) / (1 << 14));
  const y = arena.putFloats(x);
  arena.kernels.geluForward(y, y, x.length);
  const errors = arena.takeFloats(y, x.length).map((value, k) => Math.abs(value - gelu(x[k])));
  expect(Math.max(...errors)).toBeLessThan(6e-7);
});

test('the edges, in place', () => {
  const arena = new Arena();
  const edges = [Number.NaN, 0, -0, 1e30, -1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 40];
  const [y, dX] = [arena.putFloats(edges), arena.putFloats(new Array(8).fill(1))];
  arena.kernels.geluBackward(dX, dX, y, 8);
  arena.kernels.geluForward(y, y, 8);
  const [values, slopes] = [[...arena.takeFloats(y, 8)], [...arena.takeFloats(dX, 8)]];
  expect(values[0]).toBeNaN();
  expect(slopes[0]).toBeNaN();
  expect(values.slice(1).map(Math.abs)).toEqual([
    0,
    0,
    Math.fround(1e30),
    0,
    Number.POSITIVE_INFINITY,
    0,
    40,
  ]);
  expect(slopes.slice(3).map(Math.abs)).toEqual([1, 0, 1, 0, 1]);
  arena.check();
});

test('the float64 slope is the derivative', () => {
  const x = [[-3.5, -1.7, -0.1, 0.2, 0.9, 2.8]];
  const gradient = x.map((row) => row.map(geluDerivativeAt));
  expect(differenceError(x, gradient, () => x[0].reduce((sum, v) => sum + gelu(v), 0))).toBeLessThan(1e-10);
});
