import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { type Optimizer, optimizerOf } from '../optimizer.ts';

/** What {@link nadam} may be told. */
export const nadamOptions = {
  /** How far a step goes. Default 2e-3. */
  learningRate: { is: 'positive', default: 2e-3 },
  /** Decay of the mean of gradients. Default 0.9. */
  beta1: { is: 'share', default: 0.9 },
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2: { is: 'share', default: 0.999 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  epsilon: { is: 'positive', default: 1e-8 },
  /** This much of each weight is added to its gradient; biases and other vectors are spared. Default 0. */
  l2: { is: 'number', from: 0, to: 1000, default: 0 },
} as const;

/** Options of {@link nadam}. */
export interface NadamOptions extends OptionsOf<typeof nadamOptions> {}

/**
 * Adam with Nesterov's momentum (Dozat 2016), which wears in over the first steps as PyTorch has it.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: nadam({ learningRate: 1e-3 }) })
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  const made = checkOptions('nadam', nadamOptions, options);
  return optimizerOf(made, ({ gradient, rows, memory, call }, { beta1, beta2, epsilon }) => {
    const moments = [memory('moment 1'), memory('moment 2'), memory('worn', 1)] as const;
    call('nadamDirection', gradient, ...moments, ...rows, beta1, beta2, epsilon, 'moves');
  });
}
