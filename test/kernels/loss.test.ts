import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import {
  sigmoid,
  sigmoidCrossEntropy,
  softmax,
  softmaxCrossEntropy,
  squaredError,
} from '../reference/loss.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

const probabilityTolerance = 2e-7; // measured 8.5e-8
const lossTolerance = 2e-7; // measured 7.0e-8
const gradientTolerance = 3e-7; // measured 1.2e-7

const B = 5;
const f32 = Math.fround;

function fixture(K: number, scale = 4) {
  const arena = new Arena();
  const numbers = testNumbers(K);
  const logits = drawMatrix(numbers, B, K, scale);
  return {
    arena,
    numbers,
    logits,
    logitsPtr: arena.putMatrix(B, K, logits.flat()),
    probabilitiesPtr: arena.putMatrix(B, K),
    dLogitsPtr: arena.putMatrix(B, K),
    lossPtr: arena.putDoubles(1),
  };
}

describe('probabilities', () => {
  test.each(sizes)('K = %i: softmax and sigmoid are the formulas', (K) => {
    const { arena, logits, logitsPtr, probabilitiesPtr } = fixture(K);
    arena.kernels.softmaxForward(probabilitiesPtr, logitsPtr, B, K);
    const rows = arena.takeMatrix(probabilitiesPtr, B, K);
    expect(relativeError(rows, logits.flatMap(softmax))).toBeLessThan(probabilityTolerance);

    arena.kernels.sigmoidForward(probabilitiesPtr, logitsPtr, B, K);
    const elements = arena.takeMatrix(probabilitiesPtr, B, K);
    expect(relativeError(elements, logits.flat().map(sigmoid))).toBeLessThan(probabilityTolerance);

    arena.kernels.softmaxForward(logitsPtr, logitsPtr, B, K);
    expect(arena.takeMatrix(logitsPtr, B, K)).toEqual(rows);
    arena.check();
  });

  test('huge logits, equal logits, all far below zero', () => {
    const arena = new Arena();
    const rows = [
      [1e4, -1e4, 0],
      [-1e4, -1e4, -1e4],
      [88, 89, 90],
    ];
    const [y, x] = [arena.putMatrix(3, 3), arena.putMatrix(3, 3, rows.flat())];
    arena.kernels.softmaxForward(y, x, 3, 3);
    expect(relativeError(arena.takeMatrix(y, 3, 3), rows.flatMap(softmax))).toBeLessThan(
      probabilityTolerance,
    );
    arena.check();
  });

  test('NaN in one row shows in that row only', () => {
    const arena = new Arena();
    const [y, x] = [arena.putMatrix(2, 3), arena.putMatrix(2, 3, [0, Number.NaN, 1, 0, 0, 0])];
    arena.kernels.softmaxForward(y, x, 2, 3);
    expect([...arena.takeMatrix(y, 2, 3)].map(Number.isNaN)).toEqual([true, true, true, false, false, false]);
    arena.check();
  });
});

describe('softmax cross-entropy', () => {
  test.each(sizes.flatMap((K) => [0, 0.1].map((s) => [K, s])))(
    'K = %i, smoothing %f is the formula',
    (K, s) => {
      const { arena, numbers, logits, logitsPtr, probabilitiesPtr, dLogitsPtr, lossPtr } = fixture(K);
      const targets = logits.map(() => numbers.int(K));
      const weights = [...numbers.floats(K, 0.5, 3)];
      const scale = f32(1 / targets.reduce((sum, target) => sum + weights[target], 0));
      arena.kernels.softmaxCrossEntropy(
        dLogitsPtr,
        lossPtr,
        probabilitiesPtr,
        logitsPtr,
        arena.putInts(targets),
        0,
        0,
        arena.putFloats(weights),
        B,
        K,
        s,
        scale,
      );
      const { loss, dLogits } = softmaxCrossEntropy(logits, targets, weights, f32(s), scale);
      // One class has no loss: its probability is 1 whatever the logit.
      const gradient = arena.takeMatrix(dLogitsPtr, B, K);
      if (K === 1) expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(gradientTolerance);
      else expect(relativeError(gradient, dLogits.flat())).toBeLessThan(gradientTolerance);
      expect(relativeError([arena.takeDouble(lossPtr)], [loss])).toBeLessThan(lossTolerance);
      const probabilities = arena.takeMatrix(probabilitiesPtr, B, K);
      expect(relativeError(probabilities, logits.flatMap(softmax))).toBeLessThan(probabilityTolerance);
      arena.check();
    },
  );

  test.each([0, 0.1])('logits of ±1e4, smoothing %f', (s) => {
    const arena = new Arena();
    const logits = [
      [1e4, -1e4, 0],
      [-1e4, 1e4, -1e4],
    ];
    const [dLogits, probabilities, lossPtr] = [
      arena.putMatrix(2, 3),
      arena.putMatrix(2, 3),
      arena.putDoubles(1),
    ];
    const [x, targets, weights] = [arena.putMatrix(2, 3, logits.flat()), [1, 1], [1, 1, 1]];
    const [targetsPtr, weightsPtr] = [arena.putInts(targets), arena.putFloats(weights)];
    arena.kernels.softmaxCrossEntropy(
      dLogits,
      lossPtr,
      probabilities,
      x,
      targetsPtr,
      0,
      0,
      weightsPtr,
      2,
      3,
      s,
      0.5,
    );
    const expected = softmaxCrossEntropy(logits, targets, weights, f32(s), 0.5);
    expect(relativeError([arena.takeDouble(lossPtr)], [expected.loss])).toBeLessThan(lossTolerance);
    expect(relativeError(arena.takeMatrix(dLogits, 2, 3), expected.dLogits.flat())).toBeLessThan(
      gradientTolerance,
    );
    arena.check();
  });

  test('NaN in a logit makes the loss NaN', () => {
    const { arena, probabilitiesPtr, dLogitsPtr, lossPtr } = fixture(2);
    const logits = arena.putMatrix(1, 2, [Number.NaN, 0]);
    const [targets, weights] = [arena.putInts([1]), arena.putFloats([1, 1])];
    arena.kernels.softmaxCrossEntropy(
      dLogitsPtr,
      lossPtr,
      probabilitiesPtr,
      logits,
      targets,
      0,
      0,
      weights,
      1,
      2,
      0,
      1,
    );
    expect(arena.takeDouble(lossPtr)).toBeNaN();
    arena.check();
  });

  test('backward is the derivative', () => {
    const { logits } = fixture(4, 2);
    const [targets, weights] = [
      [0, 3, 1, 1, 2],
      [1, 0.5, 2, 3],
    ];
    const run = () => softmaxCrossEntropy(logits, targets, weights, 0.1, 0.3);
    expect(differenceError(logits, run().dLogits, () => run().loss)).toBeLessThan(1e-9);
  });
});

describe('sigmoid cross-entropy', () => {
  test.each(sizes.flatMap((K) => [0, 0.1].map((s) => [K, s])))(
    'K = %i, smoothing %f is the formula',
    (K, s) => {
      const { arena, numbers, logits, logitsPtr, probabilitiesPtr, dLogitsPtr, lossPtr } = fixture(K);
      // Hard targets, and soft ones in the last row.
      const targets = logits.map((row, b) =>
        row.map(() => (b === B - 1 ? numbers.floats(1, 0, 1)[0] : numbers.int(2))),
      );
      const [negative, positive] = [1, 2].map(() => [...numbers.floats(K, 0.5, 3)]);
      const scale = f32(1 / (B * K));
      arena.kernels.sigmoidCrossEntropy(
        dLogitsPtr,
        lossPtr,
        probabilitiesPtr,
        logitsPtr,
        arena.putMatrix(B, K, targets.flat()),
        0,
        0,
        arena.putFloats(negative),
        arena.putFloats(positive),
        B,
        K,
        s,
        scale,
      );
      const { loss, dLogits } = sigmoidCrossEntropy(logits, targets, negative, positive, f32(s), scale);
      expect(relativeError([arena.takeDouble(lossPtr)], [loss])).toBeLessThan(lossTolerance);
      expect(relativeError(arena.takeMatrix(dLogitsPtr, B, K), dLogits.flat())).toBeLessThan(
        gradientTolerance,
      );
      const probabilities = arena.takeMatrix(probabilitiesPtr, B, K);
      expect(relativeError(probabilities, logits.flat().map(sigmoid))).toBeLessThan(probabilityTolerance);
      arena.check();
    },
  );

  test('logits of ±1e4, and NaN', () => {
    const { arena, probabilitiesPtr, dLogitsPtr, lossPtr } = fixture(4);
    const [ones, targets] = [
      [1, 1, 1, 1],
      [1, 0, 0, 1],
    ];
    const [targetsPtr, weights] = [arena.putMatrix(1, 4, targets), arena.putFloats(ones)];
    const run = (logits: number[]) => {
      const x = arena.putMatrix(1, 4, logits);
      const { kernels } = arena;
      kernels.sigmoidCrossEntropy(
        dLogitsPtr,
        lossPtr,
        probabilitiesPtr,
        x,
        targetsPtr,
        0,
        0,
        weights,
        weights,
        1,
        4,
        0,
        1,
      );
      return arena.takeDouble(lossPtr);
    };
    expect(run([1e4, 1e4, -1e4, -1e4])).toBe(2e4);
    expect([...arena.takeMatrix(dLogitsPtr, 1, 4)]).toEqual([0, 1, 0, -1]);
    expect(run([0, 0, Number.NaN, 0])).toBeNaN();
    arena.check();
  });

  test('backward is the derivative', () => {
    const { logits, numbers } = fixture(3, 2);
    const targets = drawMatrix(numbers, B, 3).map((row) => row.map(Math.abs));
    const run = () => sigmoidCrossEntropy(logits, targets, [1, 0.5, 2], [3, 1, 0.7], 0.1, 0.3);
    expect(differenceError(logits, run().dLogits, () => run().loss)).toBeLessThan(1e-9);
  });
});

describe('squared error', () => {
  test.each(sizes)('K = %i is the formula', (K) => {
    const { arena, numbers, logits, logitsPtr, dLogitsPtr, lossPtr } = fixture(K);
    const targets = drawMatrix(numbers, B, K, 4);
    const scale = f32(1 / (B * K));
    const targetsPtr = arena.putMatrix(B, K, targets.flat());
    arena.kernels.squaredError(dLogitsPtr, lossPtr, logitsPtr, targetsPtr, B, K, scale);
    const { loss, dY } = squaredError(logits, targets, scale);
    expect(relativeError([arena.takeDouble(lossPtr)], [loss])).toBeLessThan(lossTolerance);
    expect(relativeError(arena.takeMatrix(dLogitsPtr, B, K), dY.flat())).toBeLessThan(gradientTolerance);
    arena.check();
  });

  test('backward is the derivative', () => {
    const { logits, numbers } = fixture(3, 2);
    const targets = drawMatrix(numbers, B, 3);
    const run = () => squaredError(logits, targets, 0.3);
    expect(differenceError(logits, run().dY, () => run().loss)).toBeLessThan(1e-9);
  });
});
