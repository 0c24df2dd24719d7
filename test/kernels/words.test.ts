import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import type { Matrix } from '../reference/lstm.ts';
import { wordCrossEntropy } from '../reference/words.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

const lossTolerance = 1e-7; // measured 3.4e-8
const gradientTolerance = 1.5e-6; // measured 7.5e-7

function draw(N: number, U: number, E: number) {
  const numbers = testNumbers(N + U + E);
  const targets = Array.from({ length: N }, (_, n) => (n % 5 === 3 ? -1 : numbers.int(U)));
  return { q: drawMatrix(numbers, N, E), x: drawMatrix(numbers, U, E, 2), targets };
}

function run(
  q: Matrix,
  x: Matrix,
  targets: number[],
  scale: number,
  { accumulate = 0, gradients = true } = {},
) {
  const arena = new Arena();
  const { kernels } = arena;
  const [N, U, E] = [q.length, x.length, q[0].length];
  const [qPtr, xPtr] = [arena.putMatrix(N, E, q.flat()), arena.putMatrix(U, E, x.flat())];
  const dQ = gradients ? arena.putMatrix(N, E) : 0;
  const dX = arena.putMatrix(U, E, accumulate ? new Float32Array(U * E).fill(0.5) : undefined);
  const [loss, best] = [arena.putDoubles(1), arena.putInts(N)];
  const scores = arena.putFloats(U * kernels.wordScoresColumns());
  const scratch = arena.putFloats(kernels.wordScratch(E));
  const targetsPtr = arena.putInts(targets);
  // biome-ignore format: one call
  kernels.wordCrossEntropy(dQ, dX, loss, best, scores, scratch, qPtr, xPtr, targetsPtr, N, U, E, scale, accumulate);
  arena.check();
  return {
    loss: arena.takeDouble(loss),
    best: [...arena.takeInts(best, N)],
    dX: gradients ? arena.takeMatrix(dX, U, E) : arena.takeFloats(dX, U * stride(E)),
    dQ: gradients ? arena.takeMatrix(dQ, N, E) : undefined,
  };
}

describe('cross-entropy among the words of the batch', () => {
  // Beyond one block of 64 guesses, and beyond one of 400 words.
  const cases = [...sizes.map((size) => [size + 2, size, size]), [130, 33, 9], [65, 450, 16]];

  test.each(cases)('N = %i, U = %i, E = %i is the formula', (N, U, E) => {
    const { q, x, targets } = draw(N, U, E);
    const scale = Math.fround(1 / N);
    const [actual, twin] = [run(q, x, targets, scale), wordCrossEntropy(q, x, targets, scale)];
    expect(actual.best).toEqual(twin.best);
    expect(relativeError(actual.dQ!, twin.dQ.flat())).toBeLessThan(gradientTolerance);
    expect(relativeError(actual.dX, twin.dX.flat())).toBeLessThan(gradientTolerance);
    // One word alone is certain.
    if (U === 1) expect(actual.loss).toBe(0);
    else expect(relativeError([actual.loss], [twin.loss])).toBeLessThan(lossTolerance);
  });

  test('adds to the gradient of the words when told to', () => {
    const { q, x, targets } = draw(9, 6, 5);
    const { dX } = wordCrossEntropy(q, x, targets, 1);
    const added = run(q, x, targets, 1, { accumulate: 1 });
    expect(
      relativeError(
        added.dX,
        dX.flat().map((value) => value + 0.5),
      ),
    ).toBeLessThan(gradientTolerance);
  });

  test('without gradients writes none, and the same loss', () => {
    const { q, x, targets } = draw(9, 6, 8);
    const { loss, dX } = run(q, x, targets, 1, { gradients: false });
    expect(loss).toBe(run(q, x, targets, 1).loss);
    expect([...dX].every(Number.isNaN)).toBe(true);
  });

  test('scores of ±1e4, and NaN', () => {
    const x = [[100], [-100], [0]];
    expect(run([[100], [100]], x, [0, 1], 1).loss).toBe(2e4);
    expect(run([[Number.NaN], [0]], x, [0, -1], 1, { gradients: false }).loss).toBeNaN();
  });

  test('the gradients are the derivatives', () => {
    const { q, x, targets } = draw(7, 4, 3);
    const twin = () => wordCrossEntropy(q, x, targets, 0.3);
    expect(differenceError(q, twin().dQ, () => twin().loss)).toBeLessThan(1e-9);
    expect(differenceError(x, twin().dX, () => twin().loss)).toBeLessThan(1e-9);
  });
});
