import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { relu, reluDerivative, tanh, tanhDerivative } from '../reference/activation.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const cases = [
  { name: 'relu', f: relu, derivative: reluDerivative, tolerance: 0 },
  { name: 'tanh', f: tanh, derivative: tanhDerivative, tolerance: 4.2e-7 }, // measured 2.5e-7 here; math.test.ts sweeps
] as const;

describe.each(cases)('$name', ({ name, f, derivative, tolerance }) => {
  test.each(sizes)('%i blocks of eight: forward and backward are the formula', (blocks) => {
    const arena = new Arena();
    const count = 8 * blocks;
    const numbers = testNumbers(blocks);
    const x = numbers.floats(count, -6, 6);
    const dY = numbers.floats(count);
    const [y, dX] = [arena.putFloats(count), arena.putFloats(count)];

    arena.kernels[`${name}Forward`](y, arena.putFloats(x), count);
    const values = arena.takeFloats(y, count);
    expect(relativeError(values, [...x].map(f))).toBeLessThanOrEqual(tolerance);

    arena.kernels[`${name}Backward`](dX, arena.putFloats(dY), y, count);
    const expected = [...values].map((v, k) => dY[k] * derivative(v));
    expect(relativeError(arena.takeFloats(dX, count), expected)).toBeLessThanOrEqual(tolerance);
    arena.check();
  });

  test('works in place', () => {
    const arena = new Arena();
    const x = testNumbers(1).floats(16, -3, 3);
    const [there, apart] = [arena.putFloats(x), arena.putFloats(16)];
    arena.kernels[`${name}Forward`](apart, there, 16);
    arena.kernels[`${name}Forward`](there, there, 16);
    expect(arena.takeFloats(there, 16)).toEqual(arena.takeFloats(apart, 16));

    const dY = arena.putFloats(testNumbers(2).floats(16));
    arena.kernels[`${name}Backward`](apart, dY, there, 16);
    arena.kernels[`${name}Backward`](dY, dY, there, 16);
    expect(arena.takeFloats(dY, 16)).toEqual(arena.takeFloats(apart, 16));
    arena.check();
  });

  test('shows NaN', () => {
    const arena = new Arena();
    const x = arena.putFloats([
      Number.NaN,
      1,
      -1,
      0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      2,
      3,
    ]);
    arena.kernels[`${name}Forward`](x, x, 8);
    expect([...arena.takeFloats(x, 8)].map(Number.isNaN)).toEqual([true, ...new Array(7).fill(false)]);
    arena.check();
  });

  test('the derivative is that of the function', () => {
    const x = [[-2.5, -0.7, -0.1, 0.1, 0.4, 1.3, 3.1]];
    const gradient = x.map((row) => row.map((v) => derivative(f(v))));
    const sum = () => x[0].reduce((total, v) => total + f(v), 0);
    expect(differenceError(x, gradient, sum)).toBeLessThan(1e-9);
  });
});
