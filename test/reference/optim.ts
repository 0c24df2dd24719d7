/** Optimisers in float64; each moves `parameters` in place. */

export const sgdStep = (
  parameters: number[],
  gradients: number[],
  learningRate: number,
  scale: number,
): void => {
  gradients.forEach((g, k) => {
    parameters[k] -= learningRate * scale * g;
  });
};

/** Adam with PyTorch's names; state.t counts the steps made. */
export function adamStep(
  parameters: number[],
  state: { t: number; expAvg: number[]; expAvgSq: number[] },
  gradients: number[],
  { learningRate, beta1, beta2, epsilon, scale }: AdamOptions,
): void {
  state.t++;
  gradients.forEach((gradient, k) => {
    const g = gradient * scale;
    state.expAvg[k] = beta1 * state.expAvg[k] + (1 - beta1) * g;
    state.expAvgSq[k] = beta2 * state.expAvgSq[k] + (1 - beta2) * g * g;
    const mHat = state.expAvg[k] / (1 - beta1 ** state.t);
    const vHat = state.expAvgSq[k] / (1 - beta2 ** state.t);
    parameters[k] -= (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
  });
}

export interface AdamOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Multiplies the gradient: the clipping of the global norm. */
  scale: number;
}

export function statisticStep(parameters: number[], batch: number[], momentum: number): void {
  batch.forEach((value, k) => {
    parameters[k] = (1 - momentum) * parameters[k] + momentum * value;
  });
}

export const sumSquares = (x: number[]): number => x.reduce((sum, value) => sum + value * value, 0);

export function drain(to: number[], from: number[]): void {
  from.forEach((value, k) => {
    to[k] += value;
    from[k] = 0;
  });
}
