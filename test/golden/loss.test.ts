import { describe, expect, test } from 'vitest';
import { Arena, relativeError } from '../support/arena.ts';
import { type LossCase, lossFixture } from './fixture.ts';

// Of the loss, and of the largest element of its gradient. Measured: 1.4e-7.
const TOLERANCE = 5e-7;

const fixture = lossFixture();
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** Lays out what both losses read and write. */
function prepare(logits: number[][]) {
  const arena = new Arena(2);
  const [M, K] = [logits.length, logits[0].length];
  const [dLogits, probabilities] = [arena.putMatrix(M, K), arena.putMatrix(M, K)];
  const given = arena.putMatrix(M, K, logits.flat());
  return { arena, M, K, dLogits, probabilities, given, loss: arena.putDoubles(1) };
}

/** Compares what a loss wrote with what PyTorch computed. */
function compare(
  { arena, M, K, dLogits, loss }: ReturnType<typeof prepare>,
  expected: number,
  gradient: number[][],
) {
  expect(relativeError([arena.takeDouble(loss)], [expected])).toBeLessThan(TOLERANCE);
  expect(relativeError(arena.takeMatrix(dLogits, M, K), gradient.flat())).toBeLessThan(TOLERANCE);
  arena.check();
}

/** What a loss is told of mixup. */
function mixOf(arena: Arena, mix: LossCase<unknown>['mix']) {
  return mix ? ([arena.putInts(mix.partners), arena.putFloats([mix.share])] as const) : ([0, 0] as const);
}

describe('softmax cross-entropy is PyTorch’s', () => {
  test.each(fixture.softmax)('$name', ({ logits, targets, weights, smoothing, mix, loss, gradient }) => {
    const space = prepare(logits);
    const { arena, M, K, dLogits, probabilities, given } = space;
    const w = weights ?? new Array<number>(K).fill(1);
    const scale = 1 / sum(targets.map((target) => w[target]));
    const [targetsPtr, weightsPtr] = [arena.putInts(targets), arena.putFloats(w)];
    arena.kernels.softmaxCrossEntropy(
      dLogits,
      space.loss,
      probabilities,
      given,
      targetsPtr,
      ...mixOf(arena, mix),
      weightsPtr,
      M,
      K,
      smoothing,
      scale,
    );
    compare(space, loss, gradient);
  });
});

describe('sigmoid cross-entropy is PyTorch’s', () => {
  test.each(fixture.sigmoid)('$name', ({ logits, targets, weights, smoothing, mix, loss, gradient }) => {
    const space = prepare(logits);
    const { arena, M, K, dLogits, probabilities, given } = space;
    const targetsPtr = arena.putMatrix(M, K, targets.flat());
    const weightsPtr = arena.putFloats(weights ?? new Array<number>(K).fill(1));
    arena.kernels.sigmoidCrossEntropy(
      dLogits,
      space.loss,
      probabilities,
      given,
      targetsPtr,
      ...mixOf(arena, mix),
      weightsPtr,
      weightsPtr,
      M,
      K,
      smoothing,
      1 / (M * K),
    );
    compare(space, loss, gradient);
  });
});
