import { onlyKnown, positive } from '../runtime/options.ts';
import type { Optimizer } from './optimizer.ts';

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** Default 0.1. */
  readonly learningRate?: number;
}

/**
 * Stochastic gradient descent: p −= learningRate · gradient (Robbins & Monro 1951).
 * @throws UsageError when the learning rate is not above 0, a NaN included
 * @example
 * train(model, rows, { optimizer: sgd({ learningRate: 0.5 }) })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  onlyKnown('sgd()', options, ['learningRate']);
  const learningRate = positive('sgd learningRate', options.learningRate ?? 0.1);
  let rate = learningRate;
  let scale = 1;
  return {
    kind: 'sgd',
    options: { learningRate },
    moments: 0,
    begin({ learningRate, gradientScale }) {
      rate = learningRate;
      scale = gradientScale;
    },
    move(kernels, parameters, gradients, _moment, _momentBytes, count) {
      kernels.sgdStep(parameters, gradients, count, rate, scale);
    },
  };
}
