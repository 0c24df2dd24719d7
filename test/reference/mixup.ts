/** Mixup by its definition, in float64. */
import type { Matrix } from './lstm.ts';
import { randomBits, unit } from './random.ts';

/** Each row mixed with its partner. */
export const mixRows = (x: Matrix, partners: number[], share: number): Matrix =>
  x.map((row, b) => row.map((value, k) => share * value + (1 - share) * x[partners[b]][k]));

/** What comes back of it. */
export function mixRowsBackward(dY: Matrix, partners: number[], share: number): Matrix {
  const dX = dY.map((row) => row.map((value) => share * value));
  partners.forEach((partner, b) => {
    dY[b].forEach((value, k) => {
      dX[partner][k] += (1 - share) * value;
    });
  });
  return dX;
}

/** The larger of λ and 1 − λ, λ of Beta(α, α) by Jöhnk's way, from the first two of every four numbers. */
export function mixShare(alpha: number, seed: number, stream: number, step: number): number {
  const bits = randomBits(seed, stream, step);
  const next = () => (unit(bits.next().value) + 2 ** -25) ** (1 / alpha);
  for (;;) {
    const [u, v] = [next(), next()];
    bits.next();
    bits.next();
    if (u + v <= 1) return Math.max(u, v) / (u + v);
  }
}
