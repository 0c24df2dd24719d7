import { describe, expect, test } from 'vitest';
import { penalty } from '../../src/layers/penalty.ts';
import { differenceError } from '../gradients/difference.ts';
import { penaltyLoss } from '../reference/penalty.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { LayerRun } from '../support/layer-run.ts';
import { drawMatrix, packSequences, stepsOf, unpackSequences } from '../support/packed.ts';

const tolerance = 3e-7; // measured 9.1e-8

const lengths = [4, 3, 3, 1];
const N = 11;

test.each(sizes)('C = %i: the gradient is the derivative', (C) => {
  const numbers = testNumbers(C);
  const x = lengths.map((T) => drawMatrix(numbers, T, C));
  const dY = lengths.map((T) => drawMatrix(numbers, T, C, 0.1));
  const rows = unpackSequences(Float32Array.from(packSequences(x)), [N], C)[0];
  const arena = new Arena();
  const layer = penalty({ activation: 3, change: 2 });
  const run = new LayerRun(arena, { layer, mode: 'train', lengths, x: rows, parameters: {} });
  const dX = run.forward().backward(packSequences(dY)).dX;
  arena.check();
  expect(run.kernels).toEqual(['penaltyBackward']);
  const weights = dY.flat(2);
  const behind = () => x.flat(2).reduce((sum, value, k) => sum + value * weights[k], 0);
  const loss = () => penaltyLoss(x, 3, 2) + behind();
  const error = differenceError(x.flat(), unpackSequences(dX, lengths, C).flat(), loss);
  expect(error).toBeLessThan(tolerance);
});

describe('shared by threads', () => {
  test('the parts of a batch are penalised as the whole', () => {
    const C = 5;
    const numbers = testNumbers(1);
    const x = lengths.map((T) => drawMatrix(numbers, T, C));
    const backward = (of: number[], shareN: number, shareB: number) => {
      const arena = new Arena();
      const rows = of.reduce((sum, b) => sum + lengths[b], 0);
      const sequences = of.map((b) => x[b]);
      const dX = arena.putMatrix(rows, C);
      const dY = arena.putMatrix(rows, C, new Float32Array(rows * C));
      const xPtr = arena.putMatrix(rows, C, packSequences(sequences));
      const T = sequences[0].length;
      const steps = arena.putInts(stepsOf(sequences.map(({ length }) => length)));
      const weights = [3, 2, shareN, shareB] as const;
      arena.kernels.penaltyBackward(dX, dY, xPtr, steps, ...weights, T, of.length, rows, C);
      arena.check();
      return unpackSequences(
        arena.takeMatrix(dX, rows, C),
        sequences.map(({ length }) => length),
        C,
      );
    };
    const whole = backward([0, 1, 2, 3], 1, 1);
    const parts = [backward([0, 3], 5 / N, 0.5), backward([1, 2], 6 / N, 0.5)];
    const apart = [parts[0][0], parts[1][0], parts[1][1], parts[0][1]];
    expect(relativeError(apart.flat(2), whole.flat(2))).toBeLessThan(tolerance);
  });
});

test('both weights 0 can do nothing', () => {
  expect(() => penalty({ activation: 0, change: 0 })).toThrow('penalty() of 0 and 0 can do nothing');
});
