/** Rows of distinct tokens to rows of a packed batch in float64: y_n = x[index_n]. */
import type { Matrix } from './lstm.ts';

export const gatherForward = (x: Matrix, index: number[]): Matrix => index.map((u) => [...x[u]]);

/** The gradient of x [U,C]. */
export const gatherBackward = (dY: Matrix, index: number[], U: number): Matrix =>
  Array.from({ length: U }, (_, u) =>
    dY[0].map((_, j) => index.reduce((sum, shown, n) => sum + (shown === u ? dY[n][j] : 0), 0)),
  );
