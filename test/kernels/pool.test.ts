import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import type { Matrix } from '../reference/lstm.ts';
import * as twin from '../reference/pool.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

const tolerance = 2e-7; // of the means, measured 6.6e-8

const lengths = [6, 6, 3, 2, 1, 1];
const B = lengths.length;
const N = lengths.reduce((a, b) => a + b);
const steps = stepsOf(lengths);
const T = steps.length;

/** Sequences, gradients of their pooled rows, and both in an arena. */
function fixture(C: number) {
  const arena = new Arena();
  const numbers = testNumbers(C);
  const x = lengths.map((length) => drawMatrix(numbers, length, C));
  const dY = drawMatrix(numbers, B, C);
  return {
    arena,
    kernels: arena.kernels,
    x,
    dY,
    xPtr: arena.putMatrix(N, C, packSequences(x)),
    dYPtr: arena.putMatrix(B, C, dY.flat()),
    yPtr: arena.putMatrix(B, C),
    dXPtr: arena.putMatrix(N, C),
    stepsPtr: arena.putInts(steps),
    lengthsPtr: arena.putInts(lengths),
  };
}

const sum = (y: Matrix, dY: Matrix) =>
  y.reduce((total, row, b) => total + row.reduce((s, v, j) => s + v * dY[b][j], 0), 0);

describe('last', () => {
  test.each(sizes.flatMap((C) => [...new Set([0, 1, C >> 1, C])].map((from) => [C, from])))(
    'C = %i, reversed from %i: forward and backward, exactly',
    (C, reverseFrom) => {
      const { arena, kernels, x, dY, xPtr, yPtr, dXPtr, dYPtr, stepsPtr } = fixture(C);
      kernels.poolLastForward(yPtr, xPtr, stepsPtr, T, B, C, reverseFrom);
      expect([...arena.takeMatrix(yPtr, B, C)]).toEqual(twin.poolLastForward(x, reverseFrom).flat());

      kernels.poolLastBackward(dXPtr, dYPtr, stepsPtr, T, B, C, reverseFrom);
      const expected = packSequences(twin.poolLastBackward(x, dY, reverseFrom));
      expect([...arena.takeMatrix(dXPtr, N, C)]).toEqual(expected);
      arena.check();
    },
  );

  test('backward is the derivative', () => {
    const { x, dY } = fixture(3);
    const gradient = twin.poolLastBackward(x, dY, 2);
    expect(
      differenceError(x.flat(), gradient.flat(), () => sum(twin.poolLastForward(x, 2), dY)),
    ).toBeLessThan(1e-10);
  });
});

describe('mean', () => {
  test.each(sizes)('C = %i: forward and backward are the formula', (C) => {
    const { arena, kernels, x, dY, xPtr, yPtr, dXPtr, dYPtr, stepsPtr, lengthsPtr } = fixture(C);
    const sumPtr = arena.putMatrix(B, C);
    kernels.poolMeanForward(yPtr, sumPtr, xPtr, stepsPtr, lengthsPtr, T, B, C, 0);
    expect(relativeError(arena.takeMatrix(yPtr, B, C), twin.poolMeanForward(x).flat())).toBeLessThan(
      tolerance,
    );

    kernels.poolMeanBackward(dXPtr, dYPtr, stepsPtr, lengthsPtr, T, B, C);
    const expected = packSequences(twin.poolMeanBackward(x, dY));
    expect(relativeError(arena.takeMatrix(dXPtr, N, C), expected)).toBeLessThan(tolerance);
    arena.check();
  });

  test('two chunks give the bits of one', () => {
    const { arena, kernels, x, xPtr, yPtr, stepsPtr, lengthsPtr } = fixture(5);
    const sumPtr = arena.putMatrix(B, 5);
    kernels.poolMeanForward(yPtr, sumPtr, xPtr, stepsPtr, lengthsPtr, T, B, 5, 0);
    const whole = arena.takeMatrix(yPtr, B, 5);
    const halves = [x.map((s) => s.slice(0, 2)), x.map((s) => s.slice(2)).filter((s) => s.length > 0)];
    let seen = lengths.map(() => 0);
    halves.forEach((half, keep) => {
      const halfSteps = stepsOf(half.map((s) => s.length));
      seen = seen.map((n, b) => n + (half[b]?.length ?? 0));
      const rows = arena.putMatrix(half.flat().length, 5, packSequences(half));
      const [stepsOfHalf, lengthsSoFar] = [arena.putInts(halfSteps), arena.putInts(seen)];
      kernels.poolMeanForward(yPtr, sumPtr, rows, stepsOfHalf, lengthsSoFar, halfSteps.length, B, 5, keep);
    });
    expect(arena.takeMatrix(yPtr, B, 5)).toEqual(whole);
    arena.check();
  });

  test('backward is the derivative', () => {
    const { x, dY } = fixture(3);
    const gradient = twin.poolMeanBackward(x, dY);
    expect(differenceError(x.flat(), gradient.flat(), () => sum(twin.poolMeanForward(x), dY))).toBeLessThan(
      1e-10,
    );
  });
});

describe('max', () => {
  /** The packed row of step t of sequence b. */
  const rowOf = (t: number, b: number) => steps.slice(0, t).reduce((a, alive) => a + alive, 0) + b;

  test.each(sizes)('C = %i: forward and backward, exactly', (C) => {
    const { arena, kernels, x, dY, xPtr, yPtr, dXPtr, dYPtr, stepsPtr } = fixture(C);
    const argmaxPtr = arena.putInts(B * 40);
    kernels.poolMaxForward(yPtr, argmaxPtr, xPtr, stepsPtr, T, B, C, 0);
    const { y, argmax } = twin.poolMaxForward(x);
    expect([...arena.takeMatrix(yPtr, B, C)]).toEqual(y.flat());
    const C8 = (C + 7) & ~7;
    const rows = arena.takeInts(argmaxPtr, B * C8);
    argmax.forEach((row, b) => {
      expect([...rows.subarray(b * C8, b * C8 + C)]).toEqual(row.map((t) => rowOf(t, b)));
    });

    kernels.poolMaxBackward(dXPtr, dYPtr, argmaxPtr, N, B, C);
    expect([...arena.takeMatrix(dXPtr, N, C)]).toEqual(packSequences(twin.poolMaxBackward(x, dY)));
    arena.check();
  });

  test('the first of equals wins, NaN is the largest, infinities are ordinary', () => {
    const arena = new Arena();
    const rows = [
      [1, Number.NaN, 2, Number.NEGATIVE_INFINITY, -0],
      [1, 5, Number.NaN, Number.NEGATIVE_INFINITY, 0],
      [0, Number.NaN, 9, Number.POSITIVE_INFINITY, -1],
    ];
    const [x, y] = [arena.putMatrix(3, 5, rows.flat()), arena.putMatrix(1, 5)];
    const argmax = arena.putInts(8);
    arena.kernels.poolMaxForward(y, argmax, x, arena.putInts([1, 1, 1]), 3, 1, 5, 0);
    expect([...arena.takeMatrix(y, 1, 5)]).toEqual([1, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, -0]);
    expect([...arena.takeInts(argmax, 5)]).toEqual([0, 0, 1, 2, 0]);
    arena.check();
  });

  test('a second chunk goes on from the first', () => {
    const { arena, kernels, x, yPtr } = fixture(5);
    const argmaxPtr = arena.putInts(B * 8);
    const halves = [x.map((s) => s.slice(0, 2)), x.map((s) => s.slice(2)).filter((s) => s.length > 0)];
    halves.forEach((half, keep) => {
      const halfSteps = stepsOf(half.map((s) => s.length));
      const rows = arena.putMatrix(half.flat().length, 5, packSequences(half));
      kernels.poolMaxForward(yPtr, argmaxPtr, rows, arena.putInts(halfSteps), halfSteps.length, B, 5, keep);
    });
    expect([...arena.takeMatrix(yPtr, B, 5)]).toEqual(twin.poolMaxForward(x).y.flat());
    arena.check();
  });

  test('backward is the derivative', () => {
    // Numbers at least 0.01 apart: moving one by 0.002 changes no maximum.
    const places = lengths.map((length, b) => Array.from({ length }, (_, t) => [b, t, (7 * b + 5 * t) % 11]));
    const x = places.map((sequence) => sequence.map(([b, t, k]) => [k / 10, ((3 * t + b) % 7) / 10]));
    const dY = drawMatrix(testNumbers(1), B, 2);
    const loss = () => sum(twin.poolMaxForward(x).y, dY);
    expect(differenceError(x.flat(), twin.poolMaxBackward(x, dY).flat(), loss)).toBeLessThan(1e-10);
  });
});
