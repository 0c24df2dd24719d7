/** Batch and layer normalisation in float64, of rows x [R][C]; a running statistic is [C]. */
import type { Matrix, Vector } from './lstm.ts';

export interface Affine {
  gamma: Vector;
  beta: Vector;
}

export interface Running {
  mean: Vector;
  variance: Vector;
}

/** How far renormalisation may go; { most: 1, shift: 0 } is batch normalisation. */
export interface Limits {
  most: number;
  shift: number;
}

const mean = (values: Vector): number => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: Vector): number => mean(values.map((value) => (value - mean(values)) ** 2));
const clip = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);
const column = (x: Matrix, j: number): Vector => x.map((row) => row[j]);
const transpose = (columns: Matrix): Matrix => columns[0].map((_, r) => columns.map((values) => values[r]));

/** Of each feature what its rows are normalised by. */
export const batchStatistics = (x: Matrix, running: Running, { most, shift }: Limits, epsilon: number) =>
  x[0].map((_, j) => {
    const values = column(x, j);
    const own = { mean: mean(values), variance: variance(values) };
    const deviation = Math.sqrt(own.variance + epsilon);
    const other = Math.sqrt(running.variance[j] + epsilon);
    const r = clip(deviation / other, 1 / most, most);
    const d = clip((own.mean - running.mean[j]) / other, -shift, shift);
    return { ...own, deviation, r, d };
  });

export type Statistics = ReturnType<typeof batchStatistics>;

export const batchNormForward = (x: Matrix, { gamma, beta }: Affine, statistics: Statistics): Matrix =>
  x.map((row) =>
    row.map((value, j) => {
      const { mean, deviation, r, d } = statistics[j];
      return gamma[j] * (((value - mean) / deviation) * r + d) + beta[j];
    }),
  );

/** Undoes batchNormForward by the same statistics, whatever became of y. */
export const batchNormInverseForward = (y: Matrix, { gamma, beta }: Affine, statistics: Statistics): Matrix =>
  y.map((row) =>
    row.map((value, j) => {
      const { mean, deviation, r, d } = statistics[j];
      return (((value - beta[j]) / gamma[j] - d) / r) * deviation + mean;
    }),
  );

/** What a pair's second half tells of y, of γ and β, and of each feature's mean and deviation. */
export const batchNormInverseBackward = (y: Matrix, dX: Matrix, { gamma, beta }: Affine, of: Statistics) => {
  const each = (term: (y: number, dX: number, j: number) => number) =>
    of.map((_, j) => y.reduce((sum, row, r) => sum + term(row[j], dX[r][j], j), 0));
  return {
    y: dX.map((row) => row.map((value, j) => (value * of[j].deviation) / (gamma[j] * of[j].r))),
    gamma: each((v, dx, j) => (-dx * (v - beta[j]) * of[j].deviation) / (gamma[j] ** 2 * of[j].r)),
    beta: each((_, dx, j) => (-dx * of[j].deviation) / (gamma[j] * of[j].r)),
    mean: each((_, dx) => dx),
    deviation: each((v, dx, j) => (dx * ((v - beta[j]) / gamma[j] - of[j].d)) / of[j].r),
  };
};

/** The gradient of x by that of its features' means and deviations. */
export const statisticsBackward = (x: Matrix, dMean: Vector, dDeviation: Vector, of: Statistics): Matrix =>
  x.map((row) =>
    row.map((v, j) => (dMean[j] + (dDeviation[j] * (v - of[j].mean)) / of[j].deviation) / x.length),
  );

/** Backward through the batch's mean and variance; r and d count as constants. */
export const batchNormBackward = (x: Matrix, dY: Matrix, { gamma }: Affine, statistics: Statistics) => {
  const columns = statistics.map((own, j) => {
    const normal = column(x, j).map((value) => (value - own.mean) / own.deviation);
    const dy = column(dY, j);
    const product = mean(dy.map((value, r) => value * normal[r]));
    const dX = dy.map(
      (value, r) => ((gamma[j] * own.r) / own.deviation) * (value - mean(dy) - normal[r] * product),
    );
    return {
      dX,
      gamma: x.length * (own.r * product + own.d * mean(dy)),
      beta: x.length * mean(dy),
    };
  });
  return {
    x: transpose(columns.map(({ dX }) => dX)),
    gamma: columns.map(({ gamma }) => gamma),
    beta: columns.map(({ beta }) => beta),
  };
};

export const layerNormForward = (x: Matrix, { gamma, beta }: Affine, epsilon: number): Matrix =>
  x.map((row) =>
    row.map((value, j) => (gamma[j] * (value - mean(row))) / Math.sqrt(variance(row) + epsilon) + beta[j]),
  );

export const layerNormBackward = (x: Matrix, dY: Matrix, { gamma }: Affine, epsilon: number) => {
  const normal = x.map((row) => row.map((value) => (value - mean(row)) / Math.sqrt(variance(row) + epsilon)));
  return {
    x: x.map((row, r) => {
      const g = dY[r].map((dy, j) => dy * gamma[j]);
      const product = mean(g.map((value, j) => value * normal[r][j]));
      return g.map(
        (value, j) => (value - mean(g) - normal[r][j] * product) / Math.sqrt(variance(row) + epsilon),
      );
    }),
    gamma: gamma.map((_, j) => dY.reduce((sum, row, r) => sum + row[j] * normal[r][j], 0)),
    beta: gamma.map((_, j) => dY.reduce((sum, row) => sum + row[j], 0)),
  };
};
