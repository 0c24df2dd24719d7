import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { type Optimizer, optimizerOf } from '../optimizer.ts';

/** What {@link adagrad} may be told. */
export const adagradOptions = {
  /** How far a step goes. Default 0.01. */
  learningRate: { is: 'positive', default: 0.01 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-10. */
  epsilon: { is: 'positive', default: 1e-10 },
  /** This much of each weight is added to its gradient; biases and other vectors are spared. Default 0. */
  l2: { is: 'number', from: 0, to: 1000, default: 0 },
} as const;

/** Options of {@link adagrad}. */
export interface AdagradOptions extends OptionsOf<typeof adagradOptions> {}

/**
 * Adagrad: each gradient over the root of the sum of all its squares (Duchi et al. 2011). Rare words keep large steps.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adagrad({ learningRate: 0.05 }) })
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const made = checkOptions('adagrad', adagradOptions, options);
  return optimizerOf(made, ({ gradient, rows, memory, call }, { epsilon }) => {
    call('adagradDirection', gradient, memory('sum of squares'), ...rows, epsilon);
  });
}
