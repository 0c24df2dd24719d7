// Products of matrices, for the kernels' to be compared with.
import type { testNumbers } from './arena.ts';

type TestNumbers = ReturnType<typeof testNumbers>;

/** Rows of `columns` random numbers, then NaN up to `step`: what a kernel has no business with. */
export function drawStrided(numbers: TestNumbers, rows: number, columns: number, step: number): Float32Array {
  const values = new Float32Array(rows * step).fill(Number.NaN);
  for (let r = 0; r < rows; r++) values.set(numbers.floats(columns), r * step);
  return values;
}

/** Σ_p of a(i,p)·b(p,j) for all i and j, and of their magnitudes, in float64. */
export function product(
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
export function productError(
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
