import { describe, expect, test } from 'vitest';
import { Arena, stride, testNumbers } from '../support/arena.ts';
import { drawStrided, product, productError } from '../support/products.ts';

// Of Σ|a|·|b| of each element, the only bound rounding respects. Measured: 2.9e-7, at 1100 terms.
const TOLERANCE = 1e-6;

const sizes = [1, 3, 4, 5, 7, 8, 15, 16, 17, 33];
const heights = [...sizes, 61, 125]; // of C: also beyond a block of 60, and beyond two
const tallest = 125;
const depths = [1, 3, 8, 33, 511, 512, 513, 1100]; // around a block of 512, and beyond two

const numbers = testNumbers(3);
const pairs = (left: number[], right: number[]) => left.flatMap((a) => right.map((b) => [a, b]));

describe('packing writes panels [n8/8][k][8] of B, zero beyond n', () => {
  test.each(pairs(sizes, [...sizes, 40]))('n = %i, k = %i', (n, k) => {
    const arena = new Arena();
    const b = numbers.floats(k * n);
    const transposed = Float32Array.from({ length: n * k }, (_, at) => b[(at % k) * n + Math.floor(at / k)]);
    const expected = new Float32Array(stride(n) * k);
    for (let p = 0; p < k; p++)
      for (let j = 0; j < n; j++) expected[((j >> 3) * k + p) * 8 + (j & 7)] = b[p * n + j];

    const [fromRows, fromTransposed] = [arena.putFloats(expected.length), arena.putFloats(expected.length)];
    arena.kernels.packRows(fromRows, arena.putFloats(b), k, n);
    arena.kernels.packTransposed(fromTransposed, arena.putFloats(transposed), n, k);
    expect(arena.takeFloats(fromRows, expected.length)).toEqual(expected);
    expect(arena.takeFloats(fromTransposed, expected.length)).toEqual(expected);
    arena.check();
  });
});

describe('matmul', () => {
  test.each(pairs(sizes, depths))('n = %i, k = %i, every m', (n, k) => {
    const arena = new Arena();
    const { kernels } = arena;
    const [lda, n8, ldc] = [k + 3, stride(n), stride(n) + 8];
    const a = drawStrided(numbers, tallest, k, lda);
    const w = numbers.floats(n * k);
    const expected = product(
      tallest,
      n,
      k,
      (i, p) => a[i * lda + p],
      (p, j) => w[j * k + p],
    );
    const panels = arena.putFloats(n8 * k);
    kernels.packTransposed(panels, arena.putFloats(w), n, k);
    const aPtr = arena.putFloats(a);

    let whole: Float32Array | undefined;
    for (const m of [tallest, ...heights]) {
      const cPtr = arena.putFloats(new Float32Array(m * ldc).fill(7));
      kernels.matmul(cPtr, aPtr, panels, m, n, k, lda, ldc, 0);
      const c = arena.takeFloats(cPtr, m * ldc);
      expect(productError(c, ldc, m, n, expected, () => 0)).toBeLessThan(TOLERANCE);
      for (let i = 0; i < m; i++) {
        expect(c.subarray(i * ldc + n, i * ldc + n8).every((value) => value === 0)).toBe(true);
        expect(c.subarray(i * ldc + n8, (i + 1) * ldc).every((value) => value === 7)).toBe(true);
      }
      whole ??= c;
      const isAlone = c.every((value, at) => Object.is(value, whole![at]));
      expect(isAlone, 'a row has the same bits whatever rows are beside it').toBe(true);

      kernels.matmul(cPtr, aPtr, panels, m, n, k, lda, ldc, 1);
      const twice = arena.takeFloats(cPtr, m * ldc);
      expect(productError(twice, ldc, m, n, expected, (i, j) => c[i * ldc + j])).toBeLessThan(TOLERANCE);
    }
    arena.check();
  });
});
