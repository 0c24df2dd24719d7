import { describe, expect, test } from 'vitest';
import { sinusoid } from '../reference/positions.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';

// Of the largest element of each result. Measured: 9.4e-8.
const TOLERANCE = 2e-7;

const lengths = [9, 6, 6, 1];
const N = lengths.reduce((a, b) => a + b);
const steps = stepsOf(lengths);
const T = steps.length;

describe.each(sizes)('%i features', (C) => {
  const numbers = testNumbers(C);
  const x = lengths.map((length) => drawMatrix(numbers, length, C));
  const table = drawMatrix(numbers, T + 2, C);
  const moved = (at: (t: number, j: number) => number) =>
    packSequences(x.map((sequence) => sequence.map((row, t) => row.map((value, j) => value + at(t, j)))));

  test('learnt: forward and backward', () => {
    const arena = new Arena();
    const { kernels } = arena;
    const [given, stepsPtr] = [arena.putMatrix(N, C, packSequences(x)), arena.putInts(steps)];
    const y = arena.putFloats(N * stride(C));
    kernels.positionsForward(y, given, arena.putFloats(table.flat()), stepsPtr, T, C);
    const expected = moved((t, j) => table[t][j]);
    expect(relativeError(arena.takeMatrix(y, N, C), expected)).toBeLessThan(TOLERANCE);

    const dX = arena.putFloats(N * stride(C));
    const dTable = arena.putFloats(table.flat());
    kernels.positionsBackward(dX, dTable, given, stepsPtr, N, T, C);
    expect(arena.takeMatrix(dX, N, C)).toEqual(arena.takeMatrix(given, N, C));
    const sums = table.map((row, t) =>
      row.map((value, j) => x.reduce((sum, sequence) => sum + (sequence[t]?.[j] ?? 0), value)),
    );
    expect(relativeError(arena.takeFloats(dTable, sums.flat().length), sums.flat())).toBeLessThan(TOLERANCE);
    arena.check();
  });

  test('int8: whole numbers times the scale of their place', () => {
    const arena = new Arena();
    const whole = table.map((row) => row.map((value) => Math.round(value * 127)));
    const scales = testNumbers(1).floats(T + 2, 0, 0.1);
    const y = arena.putFloats(N * stride(C));
    arena.kernels.positionsForwardQuantised(
      y,
      arena.putMatrix(N, C, packSequences(x)),
      arena.putIntegers8(whole.flat()),
      arena.putFloats(scales),
      arena.putInts(steps),
      T,
      C,
    );
    const expected = moved((t, j) => whole[t][j] * scales[t]);
    expect(relativeError(arena.takeMatrix(y, N, C), expected)).toBeLessThan(TOLERANCE);
    arena.check();
  });

  test('sinusoidal', () => {
    const arena = new Arena();
    const y = arena.putFloats(N * stride(C));
    const scratch = arena.putFloats(5 * stride(C));
    const given = arena.putMatrix(N, C, packSequences(x));
    arena.kernels.positionsSinusoid(y, given, arena.putInts(steps), scratch, T, C);
    const expected = moved((t, j) => sinusoid(t, C)[j]);
    expect(relativeError(arena.takeMatrix(y, N, C), expected)).toBeLessThan(TOLERANCE);
    arena.check();
  });
});

test('the longest text drifts no further', () => {
  const arena = new Arena(128);
  const [count, C] = [65_536, 6];
  const rows = arena.putFloats(new Float32Array(8 * count));
  const scratch = arena.putFloats(5 * stride(C));
  const ones = arena.putInts(new Int32Array(count).fill(1));
  arena.kernels.positionsSinusoid(rows, rows, ones, scratch, count, C);
  const last = arena.takeFloats(rows + 32 * (count - 1), C);
  expect(relativeError(last, sinusoid(count - 1, C))).toBeLessThan(TOLERANCE);
  arena.check();
});
