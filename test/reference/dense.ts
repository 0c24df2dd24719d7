/** Fully connected layer in float64: y = W·x + b of every row of x; an empty b is none. */
import type { Matrix, Vector } from './lstm.ts';

export const denseForward = (x: Matrix, weight: Matrix, bias: Vector): Matrix =>
  x.map((row) => weight.map((w, o) => w.reduce((sum, value, k) => sum + value * row[k], bias[o] ?? 0)));

export const denseBackward = (
  x: Matrix,
  weight: Matrix,
  dY: Matrix,
): { x: Matrix; weight: Matrix; bias: Vector } => ({
  x: dY.map((dRow) => weight[0].map((_, k) => dRow.reduce((sum, d, o) => sum + d * weight[o][k], 0))),
  weight: weight.map((w, o) => w.map((_, k) => dY.reduce((sum, dRow, r) => sum + dRow[o] * x[r][k], 0))),
  bias: weight.map((_, o) => dY.reduce((sum, dRow) => sum + dRow[o], 0)),
});
