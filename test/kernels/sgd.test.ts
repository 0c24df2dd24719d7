import { expect, test } from 'vitest';
import { sgdStep } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 2e-7; // measured 5.8e-8

test.each(sizes.flatMap((n) => [0, 4, 8, 12].map((skew) => [n, skew])))(
  'n = %i, %i bytes askew',
  (n, skew) => {
    const arena = new Arena();
    const numbers = testNumbers(n);
    const parameters = [...numbers.floats(n)];
    const gradients = [...numbers.floats(n)];
    const ptr = arena.putFloats(parameters, skew);
    arena.kernels.sgdStep(ptr, arena.putFloats(gradients, skew), n, 0.3, 0.5);
    sgdStep(parameters, gradients, 0.3, 0.5);
    expect(relativeError(arena.takeFloats(ptr, n), parameters)).toBeLessThan(tolerance);
    arena.check();
  },
);
