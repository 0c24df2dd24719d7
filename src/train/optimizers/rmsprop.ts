import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { type Optimizer, optimizerOf } from '../optimizer.ts';
import { planMomentum } from './sgd.ts';

/** What {@link rmsprop} may be told. */
export const rmspropOptions = {
  /** How far a step goes. Default 0.01. */
  learningRate: { is: 'positive', default: 0.01 },
  /** Decay of the mean of squared gradients. Default 0.99. */
  alpha: { is: 'share', default: 0.99 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  epsilon: { is: 'positive', default: 1e-8 },
  /** Share of the last direction that is gone on with. Default 0. */
  momentum: { is: 'share', default: 0 },
  /** This much of each weight is added to its gradient; biases and other vectors are spared. Default 0. */
  l2: { is: 'number', from: 0, to: 1000, default: 0 },
} as const;

/** Options of {@link rmsprop}. */
export interface RmspropOptions extends OptionsOf<typeof rmspropOptions> {}

/**
 * RMSprop: each gradient over the root of its mean square (Tieleman & Hinton 2012), as PyTorch has it.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: rmsprop({ learningRate: 1e-3 }) })
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const made = checkOptions('rmsprop', rmspropOptions, options);
  return optimizerOf(made, (move, { alpha, epsilon, momentum }) => {
    const { gradient, rows, memory, call } = move;
    call('rmspropDirection', gradient, memory('mean square'), ...rows, alpha, epsilon);
    if (momentum > 0) planMomentum(move, momentum, false);
  });
}
