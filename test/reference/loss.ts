/** Probabilities and losses by their definitions, in float64. */
import type { Matrix, Vector } from './lstm.ts';

export interface Loss {
  loss: number;
  dLogits: Matrix;
}

export const softmax = (logits: Vector): Vector => {
  const max = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - max));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};

const logSoftmax = (logits: Vector): Vector => {
  const max = Math.max(...logits);
  const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x - max), 0));
  return logits.map((x) => x - max - logSum);
};

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** One class a row: the loss is scale·Σ q·(−ln p), q the class weights times the smoothed targets. */
export function softmaxCrossEntropy(
  logits: Matrix,
  targets: number[],
  weights: Vector,
  smoothing: number,
  scale: number,
): Loss {
  let loss = 0;
  const dLogits = logits.map((row, b) => {
    const q = weights.map(
      (w, k) => w * ((targets[b] === k ? 1 - smoothing : 0) + smoothing / weights.length),
    );
    const mass = q.reduce((a, b) => a + b, 0);
    const logP = logSoftmax(row);
    loss -= scale * q.reduce((sum, share, k) => sum + share * logP[k], 0);
    return softmax(row).map((p, k) => scale * (p * mass - q[k]));
  });
  return { loss, dLogits };
}

/** Any number of labels a row: the loss is scale·Σ w·(−t·ln p − (1 − t)·ln(1 − p)), t smoothed towards ½. */
export function sigmoidCrossEntropy(
  logits: Matrix,
  targets: Matrix,
  negativeWeights: Vector,
  positiveWeights: Vector,
  smoothing: number,
  scale: number,
): Loss {
  let loss = 0;
  const dLogits = logits.map((row, b) =>
    row.map((x, k) => {
      const w = (1 - targets[b][k]) * negativeWeights[k] + targets[b][k] * positiveWeights[k];
      const t = targets[b][k] * (1 - smoothing) + smoothing / 2;
      // −ln sigmoid(x) = ln(1 + e^−x), and −ln(1 − sigmoid(x)) = ln(1 + e^x)
      loss += scale * w * (t * softplus(-x) + (1 - t) * softplus(x));
      return scale * w * (sigmoid(x) - t);
    }),
  );
  return { loss, dLogits };
}

const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/** The loss is scale·Σ (y − t)². */
export function squaredError(y: Matrix, targets: Matrix, scale: number) {
  let loss = 0;
  const dY = y.map((row, b) =>
    row.map((value, k) => {
      loss += scale * (value - targets[b][k]) ** 2;
      return 2 * scale * (value - targets[b][k]);
    }),
  );
  return { loss, dY };
}
