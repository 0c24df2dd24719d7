import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { type Optimizer, optimizerOf } from '../optimizer.ts';

/** What {@link lion} may be told. */
export const lionOptions = {
  /** How far a step goes. Default 1e-4. */
  learningRate: { is: 'positive', default: 1e-4 },
  /** Share of the mean in the sign that is gone by. Default 0.9. */
  beta1: { is: 'share', default: 0.9 },
  /** Decay of the mean of gradients. Default 0.99. */
  beta2: { is: 'share', default: 0.99 },
  /** Each step takes learningRate · weightDecay of a weight away; vectors are spared. Default 0.01. */
  weightDecay: { is: 'number', from: 0, to: 1000, default: 0.01 },
} as const;

/** Options of {@link lion}. */
export interface LionOptions extends OptionsOf<typeof lionOptions> {}

/**
 * Lion: every number goes equally far, by the sign of a mean of gradients (Chen et al. 2023). Wants a third to a tenth of
 * Adam's learning rate, and three to ten times its weight decay.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: lion({ learningRate: 3e-4 }) })
 */
export function lion(options: LionOptions = {}): Optimizer {
  const made = checkOptions('lion', lionOptions, options);
  return optimizerOf(made, ({ gradient, rows, memory, call }, { beta1, beta2 }) => {
    call('lionDirection', gradient, memory('mean'), ...rows, beta1, beta2);
  });
}
