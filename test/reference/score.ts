/** Columns of head h of `heads`. */
export const headOf = (rows: Matrix, heads: number, h: number): Matrix =>
  rows.map((row) => row.slice((h * row.length) / heads, ((h + 1) * row.length) / heads));

/** Scores q_b·x_tb of sequences x [b][t][C] against queries q [b][C], and their softmax over t, in float64. */
import { softmax, softmaxBackward } from './attention.ts';
import type { Matrix } from './lstm.ts';

export const scoreForward = (q: Matrix, x: Matrix[]): Matrix =>
  x.map((sequence, b) => sequence.map((row) => row.reduce((sum, value, j) => sum + q[b][j] * value, 0)));

export const scoreBackward = (q: Matrix, x: Matrix[], dScores: Matrix) => ({
  x: x.map((sequence, b) => sequence.map((row, t) => row.map((_, j) => dScores[b][t] * q[b][j]))),
  q: q.map((row, b) => row.map((_, j) => x[b].reduce((sum, at, t) => sum + dScores[b][t] * at[j], 0))),
});

export const weighForward = (scores: Matrix): Matrix => scores.map(softmax);

export const weighBackward = (weights: Matrix, dWeights: Matrix): Matrix =>
  weights.map((w, b) => softmaxBackward(w, dWeights[b]));
