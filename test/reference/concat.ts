/** The columns of a, then those of b, in float64. */
import type { Matrix } from './lstm.ts';

export const concatForward = (a: Matrix, b: Matrix): Matrix => a.map((row, r) => [...row, ...b[r]]);

export const concatBackward = (dY: Matrix, Ca: number): { dA: Matrix; dB: Matrix } => ({
  dA: dY.map((row) => row.slice(0, Ca)),
  dB: dY.map((row) => row.slice(Ca)),
});
