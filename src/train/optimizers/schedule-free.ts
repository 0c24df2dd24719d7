import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import type { Optimizer } from '../optimizer.ts';

/** What {@link scheduleFreeAdamW} may be told. */
export const scheduleFreeAdamWOptions = {
  /** How far a step goes. Default 2.5e-3. */
  learningRate: { is: 'positive', default: 2.5e-3 },
  /** How near to the mean gradients are taken: at 0 where steps lead, towards 1 at the mean. Default 0.9. */
  beta1: { is: 'share', default: 0.9 },
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2: { is: 'share', default: 0.999 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  epsilon: { is: 'positive', default: 1e-8 },
  /** Each step takes learningRate · weightDecay of a weight away; vectors are spared. Default 0.01. */
  weightDecay: { is: 'number', from: 0, to: 1000, default: 0.01 },
} as const;

/** Options of {@link scheduleFreeAdamW}. */
export interface ScheduleFreeAdamWOptions extends OptionsOf<typeof scheduleFreeAdamWOptions> {}

/**
 * AdamW without a schedule (Defazio et al. 2024): the model is given the mean of where steps led, each weighed by the
 * square of its learning rate, which does what a falling rate does, whenever training ends. Wants one to ten times AdamW's
 * learning rate, and a warm-up where AdamW wants one. Each row of the embedding has its own mean, over the batches that show
 * it. Running statistics of batchNorm() are those of the parameters in training, not of their mean.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: scheduleFreeAdamW({ learningRate: 5e-3 }) })
 */
export function scheduleFreeAdamW(options: ScheduleFreeAdamWOptions = {}): Optimizer {
  const made = checkOptions('scheduleFreeAdamW', scheduleFreeAdamWOptions, options);
  const { beta1, beta2, epsilon, weightDecay } = made.options;
  return {
    ...made,
    averages: true,
    plan({ shape, size, value, gradient, rows, rate, memory, call, gives }) {
      const difference = memory('z − x');
      const memories = [difference, memory('mean square'), memory('clocks', (2 * size) / rows[2])];
      const decay = shape.length > 1 ? weightDecay : 0;
      gives(difference, 1 - beta1);
      call('scheduleFreeMove', value, ...memories, gradient, ...rows, beta1, beta2, epsilon, decay, rate);
    },
  };
}
