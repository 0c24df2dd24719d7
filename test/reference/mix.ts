/** Mixtures of the rows of x [b][t][C] in float64, weights [b][t][heads] → [b][heads][C]. */
import type { Matrix } from './lstm.ts';

export const mixForward = (x: Matrix[], weights: Matrix[]): Matrix[] =>
  x.map((sequence, b) =>
    weights[b][0].map((_, h) =>
      sequence[0].map((_, j) => sequence.reduce((sum, row, t) => sum + weights[b][t][h] * row[j], 0)),
    ),
  );

export const mixBackward = (x: Matrix[], weights: Matrix[], dM: Matrix[]) => ({
  x: x.map((sequence, b) =>
    sequence.map((row, t) =>
      row.map((_, j) => dM[b].reduce((sum, d, h) => sum + weights[b][t][h] * d[j], 0)),
    ),
  ),
  weights: x.map((sequence, b) =>
    sequence.map((row) => dM[b].map((d) => d.reduce((sum, value, j) => sum + value * row[j], 0))),
  ),
});
