/** Pooling of sequences x [b][t][C] in float64, one sequence after another, no packing. */
import type { Matrix, Vector } from './lstm.ts';

/** Features below reverseFrom at the last step, the others at step 0. */
export const poolLastForward = (x: Matrix[], reverseFrom: number): Matrix =>
  x.map((sequence) =>
    sequence[0].map((first, j) => (j < reverseFrom ? sequence[sequence.length - 1][j] : first)),
  );

export const poolLastBackward = (x: Matrix[], dY: Matrix, reverseFrom: number): Matrix[] =>
  spread(x, (b, t, j) => (t === (j < reverseFrom ? x[b].length - 1 : 0) ? dY[b][j] : 0));

export const poolMeanForward = (x: Matrix[]): Matrix =>
  x.map((sequence) =>
    sequence[0].map((_, j) => sequence.reduce((sum, row) => sum + row[j] / sequence.length, 0)),
  );

export const poolMeanBackward = (x: Matrix[], dY: Matrix): Matrix[] =>
  spread(x, (b, _, j) => dY[b][j] / x[b].length);

/** The step of the largest, the first of equals; NaN counts as the largest. */
const stepOfMax = (sequence: Matrix, j: number): number =>
  sequence.reduce((best, row, t) => {
    if (Number.isNaN(sequence[best][j])) return best;
    return Number.isNaN(row[j]) || row[j] > sequence[best][j] ? t : best;
  }, 0);

export const poolMaxForward = (x: Matrix[]): { y: Matrix; argmax: Matrix } => {
  const argmax = x.map((sequence) => sequence[0].map((_, j) => stepOfMax(sequence, j)));
  return { y: argmax.map((row, b) => row.map((t, j) => x[b][t][j])), argmax };
};

export const poolMaxBackward = (x: Matrix[], dY: Matrix): Matrix[] =>
  spread(x, (b, t, j) => (t === stepOfMax(x[b], j) ? dY[b][j] : 0));

const spread = (x: Matrix[], at: (b: number, t: number, j: number) => number): Matrix[] =>
  x.map((sequence, b) => sequence.map((row, t): Vector => row.map((_, j) => at(b, t, j))));
