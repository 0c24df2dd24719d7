/**
 * Products of quantised matrices. What the kernels round to f32 is rounded here, too; the sum of integers between
 * is exact in both, so results are equal bit for bit.
 */
import type { Matrix } from './lstm.ts';

const { fround } = Math;

/** A row as whole numbers up to `most`, and what one of them is worth. */
export function quantiseRow(row: ArrayLike<number>, most: number): { q: number[]; scale: number } {
  const largest = Math.max(...Array.from(row, Math.abs));
  if (largest < 1e-30) return { q: Array.from(row, () => 0), scale: 0 };
  const inverse = fround(most / largest);
  return { q: Array.from(row, (x) => roundToEven(fround(x * inverse))), scale: fround(largest / most) };
}

/** The largest activation of a build: of 7 bits, or of 16. */
export const mostOf = (isRelaxed: boolean): number => (isRelaxed ? 63 : 32_767);

/** The largest number an activation becomes: `most`, unless a sum of k products with int8 weights would reach 2^31. */
export const levels = (k: number, most: number): number =>
  Math.min(most, Math.floor((2 ** 31 - 1) / (128 * k)));

/** x [m,k] · (scales·q)ᵀ, q [n,k], x in whole numbers up to `most` */
export function quantisedProduct(x: Matrix, q: Matrix, scales: ArrayLike<number>, most: number): Matrix {
  return x.map((row) => {
    const a = quantiseRow(row, levels(row.length, most));
    return q.map((w, j) => {
      const sum = w.reduce((sum, value, p) => sum + value * a.q[p], 0);
      return fround(fround(sum) * fround(a.scale * scales[j]));
    });
  });
}

function roundToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
