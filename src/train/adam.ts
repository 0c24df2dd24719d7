import { onlyKnown, positive, share } from '../runtime/options.ts';
import { type Optimizer, power } from './optimizer.ts';

/** Options of {@link adam}. */
export interface AdamOptions {
  /** Default 1e-3. */
  readonly learningRate?: number;
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma & Ba 2015). In the embedding only rows that the batch shows move, and only their moments
 * decay; the bias correction counts all steps, as PyTorch's SparseAdam does.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adam({ learningRate: 1e-3 }) })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  onlyKnown('adam()', options, ['learningRate', 'beta1', 'beta2', 'epsilon']);
  const learningRate = positive('adam learningRate', options.learningRate ?? 1e-3);
  const beta1 = share('adam beta1', options.beta1 ?? 0.9);
  const beta2 = share('adam beta2', options.beta2 ?? 0.999);
  const epsilon = positive('adam epsilon', options.epsilon ?? 1e-8);
  let rate = learningRate;
  let scale = 1;
  let correction1 = 1;
  let correction2 = 1;
  return {
    kind: 'adam',
    options: { learningRate, beta1, beta2, epsilon },
    moments: 2,
    begin({ step, learningRate, gradientScale }) {
      rate = learningRate;
      scale = gradientScale;
      correction1 = 1 / (1 - power(beta1, step));
      correction2 = 1 / (1 - power(beta2, step));
    },
    move(kernels, parameters, gradients, moment, momentBytes, count) {
      const second = moment + momentBytes;
      // biome-ignore format: one call
      kernels.adamStep(parameters, moment, second, gradients, count, rate, beta1, beta2, epsilon, correction1, correction2, scale);
    },
  };
}
