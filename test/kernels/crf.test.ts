import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { type CrfParameters, crf } from '../reference/crf.ts';
import type { Matrix } from '../reference/lstm.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

const lossTolerance = 3e-8; // measured 7.5e-9
const marginalTolerance = 4e-7; // measured 1.7e-7
const gradientTolerance = 1.2e-6; // measured 5.5e-7

/** As long as there are few enough ways to list them all. */
const lengthsFor = (K: number) => (K <= 3 ? [6, 5, 3, 3, 1] : K <= 8 ? [4, 3, 3, 1] : [2, 2, 1]);

function draw(K: number, seed: number, scale = 2) {
  const numbers = testNumbers(seed);
  const lengths = lengthsFor(K);
  const sequences = lengths.map((length) => drawMatrix(numbers, length, K, scale));
  const tags = lengths.map((length) => Array.from({ length }, () => numbers.int(K)));
  const [[start], [end]] = [drawMatrix(numbers, 1, K, scale), drawMatrix(numbers, 1, K, scale)];
  return {
    lengths,
    sequences,
    tags,
    parameters: { transitions: drawMatrix(numbers, K, K, scale), start, end },
  };
}

/** Runs every kernel over a packed batch and takes out what each wrote. */
function run(
  sequences: Matrix[],
  tags: number[][],
  { transitions, start, end }: CrfParameters,
  scale: number,
) {
  const arena = new Arena();
  const { kernels } = arena;
  const K = start.length;
  const lengths = sequences.map(({ length }) => length);
  const [N, T] = [lengths.reduce((a, b) => a + b), lengths[0]];
  const logits = arena.putMatrix(N, K, packSequences(sequences));
  const targets = arena.putInts(packSequences(tags.map((row) => row.map((tag) => [tag]))));
  const steps = arena.putInts(stepsOf(lengths));
  const given = [transitions.flat(), start, end].map((values) => arena.putFloats(values));
  const panels = arena.putFloats(2 * K * stride(K));
  const [alpha, beta, marginals, dLogits, scores, back] = Array.from({ length: 6 }, () =>
    arena.putMatrix(N, K),
  );
  const [shift, loss, scratch, said] = [
    arena.putFloats(N),
    arena.putDoubles(1),
    arena.putFloats(2 * stride(K)),
    arena.putInts(N),
  ];
  const before = [K * K, K, K].map((count) => new Float32Array(count).fill(0.25)); // gradients are added to
  const added = before.map((values) => arena.putFloats(values));

  kernels.crfPack(panels, given[0], K);
  kernels.crfForward(alpha, shift, logits, panels, given[1], steps, T, K);
  kernels.crfLoss(loss, alpha, shift, logits, targets, given[0], given[1], given[2], steps, T, K, scale);
  kernels.crfMarginals(marginals, beta, alpha, logits, panels, given[2], steps, T, K);
  // biome-ignore format: one call
  kernels.crfGradient(dLogits, added[0], added[1], added[2], scratch, marginals, beta, alpha, shift, logits, panels, targets, steps, T, K, scale);
  kernels.viterbi(said, scores, back, logits, panels, given[1], given[2], steps, T, K);
  arena.check();
  return {
    loss: arena.takeDouble(loss),
    marginals: arena.takeMatrix(marginals, N, K),
    dLogits: arena.takeMatrix(dLogits, N, K),
    gradient: added.map((ptr, i) => arena.takeFloats(ptr, before[i].length).map((value) => value - 0.25)),
    tags: [...arena.takeInts(said, N)],
  };
}

/** What the twin says of every sequence, summed up and packed. */
function expected(sequences: Matrix[], tags: number[][], parameters: CrfParameters, scale: number) {
  const results = sequences.map((logits, b) => crf(logits, tags[b], parameters));
  const sumOf = (of: (gradient: CrfParameters) => number[]) =>
    results
      .map(({ gradient }) => of(gradient))
      .reduce((a, b) => a.map((value, k) => value + b[k]))
      .map((value) => value * scale);
  return {
    loss: scale * results.reduce((sum, { loss }) => sum + loss, 0),
    marginals: packSequences(results.map(({ marginals }) => marginals)),
    dLogits: packSequences(results.map(({ dLogits }) => dLogits)).map((value) => value * scale),
    gradient: [sumOf((g) => g.transitions.flat()), sumOf((g) => g.start), sumOf((g) => g.end)],
    tags: packSequences(results.map(({ best }) => best.map((tag) => [tag]))),
  };
}

describe('conditional random field', () => {
  test.each(sizes)('K = %i: loss, marginals, gradients and the best way are the definition', (K) => {
    const { sequences, tags, parameters } = draw(K, K);
    const scale = Math.fround(1 / 7);
    const [actual, twin] = [
      run(sequences, tags, parameters, scale),
      expected(sequences, tags, parameters, scale),
    ];
    expect(relativeError(actual.marginals, twin.marginals)).toBeLessThan(marginalTolerance);
    expect(actual.tags).toEqual(twin.tags);
    if (K === 1) {
      // One tag is certain: no loss, and no gradient.
      const all = [actual.loss, ...actual.dLogits, ...actual.gradient.flatMap((values) => [...values])];
      expect(Math.max(...all.map(Math.abs))).toBeLessThan(gradientTolerance);
      return;
    }
    expect(relativeError([actual.loss], [twin.loss])).toBeLessThan(lossTolerance);
    expect(relativeError(actual.dLogits, twin.dLogits)).toBeLessThan(gradientTolerance);
    actual.gradient.forEach((values, i) => {
      expect(relativeError(values, twin.gradient[i])).toBeLessThan(gradientTolerance);
    });
  });

  test('a thousand steps, and scores far from each other', () => {
    const numbers = testNumbers(3);
    const [T, K] = [1000, 4];
    const logits = drawMatrix(numbers, T, K, 30);
    const none = { transitions: drawMatrix(numbers, K, K, 0), start: [0, 0, 0, 0], end: [0, 0, 0, 0] };
    const tags = logits.map((row) => row.indexOf(Math.min(...row)));
    const { loss, marginals, tags: best } = run([logits], [tags], none, 1);
    // Without transitions each word stands for itself.
    const alone = logits.map((row, t) => crf([row], [tags[t]], none));
    expect(relativeError([loss], [alone.reduce((sum, { loss }) => sum + loss, 0)])).toBeLessThan(
      lossTolerance,
    );
    expect(
      relativeError(
        marginals,
        alone.flatMap(({ marginals }) => marginals[0]),
      ),
    ).toBeLessThan(marginalTolerance);
    expect(best).toEqual(alone.map(({ best }) => best[0]));
  });

  test('a tag that may never follow another never does', () => {
    const { sequences, tags, parameters } = draw(3, 5);
    for (const row of parameters.transitions) row[1] = -1e4;
    parameters.start[1] = -1e4;
    const { tags: best, marginals, loss } = run(sequences, tags, parameters, 1);
    expect(best).not.toContain(1);
    expect(Math.max(...marginals.filter((_, i) => i % 3 === 1))).toBe(0);
    expect(Number.isFinite(loss)).toBe(true);
  });

  test('NaN in a logit makes the loss NaN', () => {
    const { sequences, tags, parameters } = draw(4, 2);
    sequences[0][1][2] = Number.NaN;
    expect(run(sequences, tags, parameters, 1).loss).toBeNaN();
  });

  test('the gradients are the derivatives', () => {
    const { sequences, tags, parameters } = draw(3, 9);
    const [logits] = sequences;
    const loss = () => crf(logits, tags[0], parameters).loss;
    const { dLogits, gradient } = crf(logits, tags[0], parameters);
    expect(differenceError(logits, dLogits, loss)).toBeLessThan(1e-9);
    expect(differenceError(parameters.transitions, gradient.transitions, loss)).toBeLessThan(1e-9);
    expect(differenceError([parameters.start], [gradient.start], loss)).toBeLessThan(1e-9);
    expect(differenceError([parameters.end], [gradient.end], loss)).toBeLessThan(1e-9);
  });
});
