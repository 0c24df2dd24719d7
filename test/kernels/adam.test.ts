import { expect, test } from 'vitest';
import { adamStep } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 5e-7; // after ten steps, measured 2.2e-7

const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, scale: 0.7 };

test.each(sizes.flatMap((n) => [0, 4, 12].map((skew) => [n, skew])))(
  'ten steps, n = %i, %i bytes askew',
  (n, skew) => {
    const arena = new Arena();
    const numbers = testNumbers(n);
    const parameters = [...numbers.floats(n)];
    const state = { t: 0, expAvg: new Array<number>(n).fill(0), expAvgSq: new Array<number>(n).fill(0) };
    const pPtr = arena.putFloats(parameters, skew);
    const [mPtr, vPtr] = [arena.putFloats(state.expAvg, skew), arena.putFloats(state.expAvgSq, skew)];
    for (let t = 1; t <= 10; t++) {
      const gradients = [...numbers.floats(n, -0.1, 0.3)];
      const { learningRate, beta1, beta2, epsilon, scale } = options;
      const corrections = [1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)] as const;
      const gPtr = arena.putFloats(gradients, skew);
      arena.kernels.adamStep(
        pPtr,
        mPtr,
        vPtr,
        gPtr,
        n,
        learningRate,
        beta1,
        beta2,
        epsilon,
        ...corrections,
        scale,
      );
      adamStep(parameters, state, gradients, options);
    }
    expect(relativeError(arena.takeFloats(pPtr, n), parameters)).toBeLessThan(tolerance);
    expect(relativeError(arena.takeFloats(mPtr, n), state.expAvg)).toBeLessThan(tolerance);
    expect(relativeError(arena.takeFloats(vPtr, n), state.expAvgSq)).toBeLessThan(tolerance);
    arena.check();
  },
);

test('a gradient of zero from the start moves nothing', () => {
  const arena = new Arena();
  const zeros = new Float32Array(5);
  const [p, m, v, g] = [Float32Array.of(1, 2, 3, 4, 5), zeros, zeros, zeros].map((values) =>
    arena.putFloats(values),
  );
  arena.kernels.adamStep(p, m, v, g, 5, 0.01, 0.9, 0.999, 1e-8, 10, 1000, 1);
  expect([...arena.takeFloats(p, 5)]).toEqual([1, 2, 3, 4, 5]);
  arena.check();
});

test('NaN in a gradient shows in its parameter alone', () => {
  const arena = new Arena();
  const zeros = new Float32Array(5);
  const [p, m, v] = [zeros, zeros, zeros].map((values) => arena.putFloats(values));
  const g = arena.putFloats([0, 0, 1, 0, Number.NaN]);
  arena.kernels.adamStep(p, m, v, g, 5, 0.01, 0.9, 0.999, 1e-8, 10, 1000, 1);
  expect([...arena.takeFloats(p, 5)].map(Number.isNaN)).toEqual([false, false, false, false, true]);
  arena.check();
});
