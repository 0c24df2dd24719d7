import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import * as twin from '../reference/mix.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

// Of the largest element of each result. Measured: 1.5e-7.
const TOLERANCE = 1e-6;

const lengths = [6, 6, 3, 1];
const B = lengths.length;
const N = lengths.reduce((a, b) => a + b);

function draw(C: number, heads: number) {
  const numbers = testNumbers(10 * C + heads);
  return {
    x: lengths.map((length) => drawMatrix(numbers, length, C)),
    weights: lengths.map((length) => drawMatrix(numbers, length, heads)),
    dM: lengths.map(() => drawMatrix(numbers, heads, C)),
  };
}

test.each(sizes.flatMap((C) => [1, 3, 8, 9].map((heads) => [C, heads])))(
  '%i features, %i mixtures: forward and backward are the formula',
  (C, heads) => {
    const { x, weights, dM } = draw(C, heads);
    const arena = new Arena();
    const { kernels } = arena;
    const steps = stepsOf(lengths);
    const given = [
      arena.putMatrix(N, C, packSequences(x)),
      arena.putMatrix(N, heads, packSequences(weights)),
      arena.putInts(steps),
      steps.length,
    ] as const;
    const m = arena.putFloats(B * heads * stride(C));
    kernels.mixForward(m, ...given, B, C, heads);
    const expected = twin.mixForward(x, weights).flat(2);
    expect(relativeError(arena.takeMatrix(m, B * heads, C), expected)).toBeLessThan(TOLERANCE);

    const [dX, dWeights] = [arena.putFloats(N * stride(C)), arena.putFloats(N * stride(heads))];
    const dMPtr = arena.putMatrix(B * heads, C, dM.flat(2));
    kernels.mixBackward(dX, dWeights, dMPtr, ...given, C, heads);
    const gradient = twin.mixBackward(x, weights, dM);
    expect(relativeError(arena.takeMatrix(dX, N, C), packSequences(gradient.x))).toBeLessThan(TOLERANCE);
    const ofWeights = arena.takeMatrix(dWeights, N, heads);
    expect(relativeError(ofWeights, packSequences(gradient.weights))).toBeLessThan(TOLERANCE);
    arena.check();
  },
);

describe.each(sizes)('%i features a head', (d) => {
  test('each head keeps what is its own, exactly, there and back', () => {
    const heads = 3;
    const C = heads * d;
    const arena = new Arena();
    const values = drawMatrix(testNumbers(d), B * heads, C);
    const y = arena.putFloats(B * stride(C));
    arena.kernels.ownHeadForward(y, arena.putMatrix(B * heads, C, values.flat()), B, C, heads);
    const isOwn = (row: number, j: number) => Math.floor(j / d) === row % heads;
    const expected = Array.from({ length: B }, (_, b) =>
      Array.from({ length: C }, (_, j) => values[b * heads + Math.floor(j / d)][j]),
    );
    expect([...arena.takeMatrix(y, B, C)]).toEqual(expected.flat());

    const dValues = arena.putFloats(B * heads * stride(C));
    arena.kernels.ownHeadBackward(dValues, y, B, C, heads);
    const back = values.map((row, r) => row.map((value, j) => (isOwn(r, j) ? value : 0)));
    expect([...arena.takeMatrix(dValues, B * heads, C)]).toEqual(back.flat());
    arena.check();
  });
});

test('the float64 backward is the derivative of its forward', () => {
  const { x, weights, dM } = draw(3, 2);
  const loss = () =>
    twin
      .mixForward(x, weights)
      .flat(2)
      .reduce((sum, value, k) => sum + value * dM.flat(2)[k], 0);
  const gradient = twin.mixBackward(x, weights, dM);
  expect(differenceError(x.flat(), gradient.x.flat(), loss)).toBeLessThan(1e-10);
  expect(differenceError(weights.flat(), gradient.weights.flat(), loss)).toBeLessThan(1e-10);
});
