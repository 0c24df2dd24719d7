import type { Matrix } from './lstm.ts';

/** Each text x_b [T][C] moved by epsilon along its whole gradient, in float64. */
export function adversarialMove(x: Matrix[], dX: Matrix[], epsilon: number): Matrix[] {
  return x.map((text, b) => {
    const norm = Math.sqrt(dX[b].flat().reduce((sum, d) => sum + d * d, 0));
    return text.map((row, t) =>
      row.map((value, k) => value + (norm > 0 ? (epsilon * dX[b][t][k]) / norm : 0)),
    );
  });
}
