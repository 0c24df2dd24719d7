import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import type { Optimizer } from './optimizer.ts';

/** What {@link sgd} may be told. */
export const sgdOptions = {
  /** How far a step goes. Default 0.1. */
  learningRate: { is: 'positive', default: 0.1 },
} as const;

/** Options of {@link sgd}. */
export interface SgdOptions extends OptionsOf<typeof sgdOptions> {}

/**
 * Stochastic gradient descent: p −= learningRate · gradient (Robbins & Monro 1951).
 * @throws UsageError when the learning rate is not above 0, a NaN included
 * @example
 * train(model, rows, { optimizer: sgd({ learningRate: 0.5 }) })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const checked = checkOptions('sgd', sgdOptions, options);
  const { learningRate } = checked;
  let rate = learningRate;
  let scale = 1;
  return {
    kind: 'sgd',
    options: checked,
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
