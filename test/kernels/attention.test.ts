import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import * as twin from '../reference/attention.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

// Of the largest element of each result. Measured: 5.4e-7.
const TOLERANCE = 2e-6;

/** Sequences of several lengths, one beyond a block of queries, in an arena. */
function fixture(d: number, heads: number, lengths = [70, 9, 9, 1]) {
  const arena = new Arena(128);
  const numbers = testNumbers(10 * d + heads);
  const C = d * heads;
  const qkv = lengths.map((length) => drawMatrix(numbers, length, 3 * C, 2));
  const dO = lengths.map((length) => drawMatrix(numbers, length, C));
  const steps = stepsOf(lengths);
  const N = qkv.flat().length;
  const batch = [arena.putInts(steps), arena.putInts(lengths)] as const;
  const scratch = arena.putFloats(arena.kernels.attentionScratch(steps.length, d));
  return { arena, kernels: arena.kernels, C, N, B: lengths.length, qkv, dO, batch, scratch };
}

describe.each(sizes.flatMap((d) => [1, 3].map((heads) => [d, heads])))(
  '%i features, %i heads',
  (d, heads) => {
    test('forward and backward are the formula', () => {
      const { arena, kernels, C, N, B, qkv, dO, batch, scratch } = fixture(d, heads);
      const [o, logSums] = [arena.putMatrix(N, C), arena.putFloats(N * 8)];
      const given = arena.putMatrix(N, 3 * C, packSequences(qkv));
      kernels.attentionForward(o, logSums, given, ...batch, scratch, B, C, heads);
      const expected = packSequences(twin.attentionForward(qkv, heads));
      expect(relativeError(arena.takeMatrix(o, N, C), expected)).toBeLessThan(TOLERANCE);

      const dQkv = arena.putFloats(N * ((3 * C + 7) & ~7));
      const dOut = arena.putMatrix(N, C, packSequences(dO));
      kernels.attentionBackward(dQkv, dOut, logSums, given, ...batch, scratch, B, C, heads);
      const gradient = packSequences(twin.attentionBackward(qkv, dO, heads));
      expect(relativeError(arena.takeMatrix(dQkv, N, 3 * C), gradient)).toBeLessThan(TOLERANCE);
      arena.check();
    });
  },
);

describe.each(sizes.flatMap((d) => [1, 3].map((heads) => [d, heads])))(
  'the mean of all queries, %i features, %i heads',
  (d, heads) => {
    test('forward and backward are the formula', () => {
      const { arena, kernels, C, N, B, qkv, dO, batch } = fixture(d, heads);
      const qk = qkv.map((sequence) => sequence.map((row) => row.slice(0, 2 * C)));
      const dW = dO.map((sequence) => sequence.map((row) => row.slice(0, heads)));
      const scratch = arena.putFloats(kernels.attentionMeanScratch(70, d));
      const [weights, logSums] = [arena.putFloats(N * 8), arena.putFloats(N * 8)];
      const given = arena.putMatrix(N, 2 * C, packSequences(qk));
      kernels.attentionMeanForward(weights, logSums, given, ...batch, scratch, B, C, heads);
      const expected = packSequences(twin.attentionMeanForward(qk, heads));
      expect(relativeError(arena.takeMatrix(weights, N, heads), expected)).toBeLessThan(TOLERANCE);

      const dQk = arena.putFloats(N * ((2 * C + 7) & ~7));
      const dWeights = arena.putMatrix(N, heads, packSequences(dW));
      kernels.attentionMeanBackward(dQk, dWeights, logSums, given, ...batch, scratch, B, C, heads);
      const gradient = packSequences(twin.attentionMeanBackward(qk, dW, heads));
      expect(relativeError(arena.takeMatrix(dQk, N, 2 * C), gradient)).toBeLessThan(TOLERANCE);
      arena.check();
    });
  },
);

test('scores far from zero neither overflow nor vanish', () => {
  const arena = new Arena();
  const qkv = [
    [200, 200, 1],
    [-200, -200, 2],
    [200, 190, 3],
  ];
  const [o, logSums] = [arena.putMatrix(3, 1), arena.putMatrix(3, 1)];
  const scratch = arena.putFloats(arena.kernels.attentionScratch(3, 1));
  const batch = [arena.putInts([1, 1, 1]), arena.putInts([3])] as const;
  arena.kernels.attentionForward(o, logSums, arena.putMatrix(3, 3, qkv.flat()), ...batch, scratch, 1, 1, 1);
  expect([...arena.takeMatrix(o, 3, 1)]).toEqual([1, 2, 1]);
  expect([...arena.takeMatrix(logSums, 3, 1)]).toEqual([40000, 40000, 40000]);
  arena.check();
});

test('the answers of a text do not depend on the texts beside it', () => {
  const run = (lengths: number[], pick: number) => {
    const { arena, kernels, C, N, B, batch, scratch } = fixture(5, 2, lengths);
    const own = drawMatrix(testNumbers(7), 67, 3 * C);
    const others = lengths.map((length, b) => (b === pick ? own : drawMatrix(testNumbers(b), length, 3 * C)));
    const [o, logSums] = [arena.putMatrix(N, C), arena.putMatrix(N, 2)];
    const given = arena.putMatrix(N, 3 * C, packSequences(others));
    kernels.attentionForward(o, logSums, given, ...batch, scratch, B, C, 2);
    const steps = stepsOf(lengths);
    let row = pick;
    return steps.slice(0, 67).map((alive) => {
      const answer = arena.takeFloats(o + row * 16 * 4, C);
      row += alive;
      return [...answer];
    });
  };
  expect(run([80, 67, 3], 1)).toEqual(run([67], 0));
});

test('a thread without texts writes nothing', () => {
  const { arena, kernels, C, batch, scratch } = fixture(4, 2);
  const empty = arena.putFloats(8);
  kernels.attentionForward(empty, empty, empty, ...batch, scratch, 0, C, 2);
  kernels.attentionBackward(empty, empty, empty, empty, ...batch, scratch, 0, C, 2);
  expect(arena.takeFloats(empty, 8)).toEqual(new Float32Array(8).fill(Number.NaN));
  arena.check();
});

test('the float64 backward is the derivative of its forward', () => {
  const numbers = testNumbers(3);
  const qkv = [5, 2].map((length) => drawMatrix(numbers, length, 12));
  const dO = [5, 2].map((length) => drawMatrix(numbers, length, 4));
  const gradient = twin.attentionBackward(qkv, dO, 2);
  const loss = () =>
    twin
      .attentionForward(qkv, 2)
      .flat(2)
      .reduce((sum, value, k) => sum + value * dO.flat(2)[k], 0);
  expect(differenceError(qkv.flat(), gradient.flat(), loss)).toBeLessThan(1e-10);

  const qk = [5, 2].map((length) => drawMatrix(numbers, length, 8));
  const dW = [5, 2].map((length) => drawMatrix(numbers, length, 2));
  const ofMean = twin.attentionMeanBackward(qk, dW, 2);
  const lossOfMean = () =>
    twin
      .attentionMeanForward(qk, 2)
      .flat(2)
      .reduce((sum, value, k) => sum + value * dW.flat(2)[k], 0);
  expect(differenceError(qk.flat(), ofMean.flat(), lossOfMean)).toBeLessThan(1e-10);
});
