import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { type Optimizer, power } from './optimizer.ts';

/** What {@link adam} may be told. */
export const adamOptions = {
  /** How far a step goes. Default 1e-3. */
  learningRate: { is: 'positive', default: 1e-3 },
  /** Decay of the mean of gradients. Default 0.9. */
  beta1: { is: 'share', default: 0.9 },
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2: { is: 'share', default: 0.999 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  epsilon: { is: 'positive', default: 1e-8 },
} as const;

/** Options of {@link adam}. */
export interface AdamOptions extends OptionsOf<typeof adamOptions> {}

/**
 * Adam (Kingma & Ba 2015). In the embedding only rows that the batch shows move, and only their moments
 * decay; the bias correction counts all steps, as PyTorch's SparseAdam does.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adam({ learningRate: 1e-3 }) })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const checked = checkOptions('adam', adamOptions, options);
  const { learningRate, beta1, beta2, epsilon } = checked;
  let rate = learningRate;
  let scale = 1;
  let correction1 = 1;
  let correction2 = 1;
  return {
    kind: 'adam',
    options: checked,
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
