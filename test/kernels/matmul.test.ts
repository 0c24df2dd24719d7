import { describe, expect, test } from 'vitest';
import { Arena, stride, testNumbers } from '../support/arena.ts';

// Of Σ|a|·|b| of each element, the only bound rounding respects. Measured: 2.9e-7, at 1100 terms.
const TOLERANCE = 1e-6;

const sizes = [1, 3, 4, 5, 7, 8, 15, 16, 17, 33];
const heights = [...sizes, 61, 125]; // of C: also beyond a block of 60, and beyond two
const tallest = 125;
const depths = [1, 3, 8, 33, 511, 512, 513, 1100]; // around a block of 512, and beyond two
const batches = [1, 5, 33, 399, 400, 401, 1100]; // around a block of 400, and beyond two

const numbers = testNumbers(3);
const pairs = (left: number[], right: number[]) => left.flatMap((a) => right.map((b) => [a, b]));

/** Rows of `columns` random numbers, then NaN up to `step`: what a kernel has no business with. */
function drawStrided(rows: number, columns: number, step: number): Float32Array {
  const values = new Float32Array(rows * step).fill(Number.NaN);
  for (let r = 0; r < rows; r++) values.set(numbers.floats(columns), r * step);
  return values;
}

/** Σ_p of a(i,p)·b(p,j) for all i and j, and of their magnitudes, in float64. */
function product(
  m: number,
  n: number,
  k: number,
  a: (i: number, p: number) => number,
  b: (p: number, j: number) => number,
) {
  const sum = new Float64Array(m * n);
  const magnitude = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const left = a(i, p);
      for (let j = 0; j < n; j++) {
        const term = left * b(p, j);
        sum[i * n + j] += term;
        magnitude[i * n + j] += Math.abs(term);
      }
    }
  }
  return { sum, magnitude };
}

/** The largest error of C [m,n], stored with `step` floats a row, that should be `before` plus the product. */
function productError(
  c: Float32Array,
  step: number,
  m: number,
  n: number,
  { sum, magnitude }: ReturnType<typeof product>,
  before: (i: number, j: number) => number,
): number {
  let error = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const at = i * n + j;
      const difference = Math.abs(c[i * step + j] - (before(i, j) + sum[at]));
      error = Math.max(error, difference / (magnitude[at] + Math.abs(before(i, j))));
    }
  }
  return error;
}

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
    const a = drawStrided(tallest, k, lda);
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

describe('matmulTransposedA', () => {
  test.each(pairs(sizes, batches))('n = %i, rows = %i, every m', (n, rows) => {
    const arena = new Arena();
    const { kernels } = arena;
    const [lda, ldb] = [tallest + 4, stride(n) + 4];
    const a = drawStrided(rows, tallest, lda);
    const b = drawStrided(rows, n, ldb);
    const expected = product(
      tallest,
      n,
      rows,
      (i, p) => a[p * lda + i],
      (p, j) => b[p * ldb + j],
    );
    const [aPtr, bPtr] = [arena.putFloats(a), arena.putFloats(b)];
    const scratch = arena.putFloats(kernels.matmulTransposedAScratch(n));

    for (const m of heights) {
      const before = numbers.floats(m * n);
      const cPtr = arena.putFloats(before);
      kernels.matmulTransposedA(cPtr, aPtr, bPtr, scratch, m, n, rows, lda, ldb);
      const c = arena.takeFloats(cPtr, m * n);
      expect(productError(c, n, m, n, expected, (i, j) => before[i * n + j])).toBeLessThan(TOLERANCE);
    }
    arena.check();
  });
});
