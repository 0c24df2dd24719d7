import { describe, expect, test } from 'vitest';
import { randomBits, unit, xoshiro } from '../reference/random.ts';
import { Arena, sizes } from '../support/arena.ts';

test('the twin is xoshiro128++', () => {
  // The first ten outputs of the authors' code for the state 1, 2, 3, 4, as the tests of Rust's rand_xoshiro have them.
  const published = [
    641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
  ];
  const numbers = xoshiro([1, 2, 3, 4]);
  expect(published.map(() => numbers.next().value)).toEqual(published);
});

describe('fillUniform', () => {
  test.each([0, ...sizes])('%i numbers are those of the twin', (n) => {
    const arena = new Arena();
    const dst = arena.putFloats(n);
    arena.kernels.fillUniform(dst, n, 0, 1, 0xdeadbeef, 3);
    const bits = randomBits(0xdeadbeef, 3, 0);
    expect([...arena.takeFloats(dst, n)]).toEqual(Array.from({ length: n }, () => unit(bits.next().value)));
    arena.check();
  });

  test('fills its range evenly', () => {
    const arena = new Arena();
    const n = 100_000;
    const dst = arena.putFloats(n);
    arena.kernels.fillUniform(dst, n, -2, 3, 1, 0);
    const bins = new Array<number>(20).fill(0);
    for (const v of arena.takeFloats(dst, n)) bins[Math.floor((v + 2) * 4)]++;
    expect(chiSquare(bins, n / 20)).toBeLessThan(43.8); // 19 degrees of freedom, 1 in 1000
    arena.check();
  });

  test('neighbours are independent', () => {
    const arena = new Arena();
    const n = 100_000;
    const dst = arena.putFloats(n);
    arena.kernels.fillUniform(dst, n, -1, 1, 1, 1);
    const values = arena.takeFloats(dst, n);
    for (const lag of [1, 2, 3, 4, 8]) {
      let sum = 0;
      for (let k = lag; k < n; k++) sum += values[k] * values[k - lag];
      expect(Math.abs(sum)).toBeLessThan(4 * (Math.sqrt(n) / 3)); // the variance of a product is 1/9
    }
  });
});

describe('permutation', () => {
  test.each([0, ...sizes, 1000])('of %i holds each number once', (n) => {
    const arena = new Arena();
    const dst = arena.putInts(n);
    arena.kernels.permutation(dst, n, 1, 2, 3);
    expect([...arena.takeInts(dst, n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, k) => k));
    arena.check();
  });

  test('gives every order of four equally often', () => {
    const arena = new Arena();
    const dst = arena.putInts(4);
    const counts = new Map<string, number>();
    for (let step = 0; step < 24_000; step++) {
      arena.kernels.permutation(dst, 4, 5, 0, step);
      const order = arena.takeInts(dst, 4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()], 1000)).toBeLessThan(49.7); // 23 degrees of freedom, 1 in 1000
    arena.check();
  });
});

describe('bernoulliMask', () => {
  test.each([0, ...sizes])('%i bytes are those of the twin', (n) => {
    const arena = new Arena();
    const dst = arena.putBytes(n);
    arena.kernels.bernoulliMask(dst, n, 0.25, 9, 8, 7);
    const bits = randomBits(9, 8, 7);
    const expected = Array.from({ length: n }, () => (unit(bits.next().value) < 0.25 ? 1 : 0));
    expect([...arena.takeBytes(dst, n)]).toEqual(expected);
    arena.check();
  });

  test.each([0, 0.1, 0.5, 1])('rate %f sets that share', (rate) => {
    const arena = new Arena();
    const n = 80_000;
    const dst = arena.putBytes(n);
    arena.kernels.bernoulliMask(dst, n, rate, 1, 0, 0);
    const ones = arena.takeBytes(dst, n).reduce((a, b) => a + b);
    expect(Math.abs(ones - n * rate)).toBeLessThanOrEqual(4 * Math.sqrt(n * rate * (1 - rate)));
    arena.check();
  });
});

const chiSquare = (counts: number[], expected: number): number =>
  counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
