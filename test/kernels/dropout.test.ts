import { expect, test } from 'vitest';
import { randomBits, unit } from '../reference/random.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 2e-7; // measured 6.2e-8

test.each(sizes)('%i blocks of eight: zero or x/(1 − rate), by the generator', (blocks) => {
  const arena = new Arena();
  const count = 8 * blocks;
  const x = testNumbers(blocks).floats(count);
  const y = arena.putFloats(count);
  arena.kernels.dropout(y, arena.putFloats(x), count, 0.3, 7, 2, 5);
  const bits = randomBits(7, 2, 5);
  const expected = [...x].map((v) => (unit(bits.next().value) >= Math.fround(0.3) ? v / 0.7 : 0));
  expect(relativeError(arena.takeFloats(y, count), expected)).toBeLessThan(tolerance);
  arena.check();
});

/** The mask of 80,000 elements as 0 and 1. */
function mask(rate: number, seed: number, stream: number, step: number): number[] {
  const arena = new Arena();
  const ones = arena.putFloats(new Float32Array(80_000).fill(1));
  arena.kernels.dropout(ones, ones, 80_000, rate, seed, stream, step);
  arena.check();
  return [...arena.takeFloats(ones, 80_000)].map((v) => (v === 0 ? 0 : 1));
}

test.each([0.1, 0.5, 0.9])('rate %f drops that share', (rate) => {
  const kept = mask(rate, 1, 0, 0).reduce((a, b) => a + b);
  const deviation = Math.sqrt(80_000 * rate * (1 - rate));
  expect(Math.abs(kept - 80_000 * (1 - rate))).toBeLessThan(4 * deviation);
});

test('rate 0 keeps all', () => {
  expect(mask(0, 1, 0, 0)).toEqual(new Array(80_000).fill(1));
});

test('backward sees the mask of forward', () => {
  const arena = new Arena();
  const x = arena.putFloats(testNumbers(1).floats(64, 1, 2));
  const dY = arena.putFloats(testNumbers(2).floats(64, 1, 2));
  arena.kernels.dropout(x, x, 64, 0.5, 3, 1, 9);
  arena.kernels.dropout(dY, dY, 64, 0.5, 3, 1, 9);
  const dropped = (ptr: number) => [...arena.takeFloats(ptr, 64)].map((v) => v === 0);
  expect(dropped(dY)).toEqual(dropped(x));
  expect(dropped(x)).toContain(true);
  expect(dropped(x)).toContain(false);
  arena.check();
});

test('in place is as apart', () => {
  const arena = new Arena();
  const [x, y] = [arena.putFloats(testNumbers(1).floats(64)), arena.putFloats(64)];
  arena.kernels.dropout(y, x, 64, 0.5, 3, 1, 9);
  arena.kernels.dropout(x, x, 64, 0.5, 3, 1, 9);
  expect(arena.takeFloats(x, 64)).toEqual(arena.takeFloats(y, 64));
  arena.check();
});

test('masks of other seeds, streams and steps are independent', () => {
  const first = mask(0.5, 1, 1, 1);
  for (const other of [mask(0.5, 2, 1, 1), mask(0.5, 1, 2, 1), mask(0.5, 1, 1, 2)]) {
    const equal = first.filter((bit, k) => bit === other[k]).length;
    expect(Math.abs(equal - 40_000)).toBeLessThan(4 * Math.sqrt(80_000 / 4));
  }
});

test('a dropped NaN is zero, a kept one stays', () => {
  const arena = new Arena();
  const y = arena.putFloats(8000);
  arena.kernels.dropout(y, y, 8000, 0.5, 1, 1, 1);
  const values = new Set(arena.takeFloats(y, 8000));
  expect(values).toEqual(new Set([0, Number.NaN]));
  arena.check();
});
