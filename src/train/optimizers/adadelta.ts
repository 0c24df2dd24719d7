import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { type Optimizer, optimizerOf } from '../optimizer.ts';

/** What {@link adadelta} may be told. */
export const adadeltaOptions = {
  /** How far a step goes. Default 1. */
  learningRate: { is: 'positive', default: 1 },
  /** Decay of the means of squared gradients and of squared moves. Default 0.9. */
  rho: { is: 'share', default: 0.9 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-6. */
  epsilon: { is: 'positive', default: 1e-6 },
  /** This much of each weight is added to its gradient; biases and other vectors are spared. Default 0. */
  l2: { is: 'number', from: 0, to: 1000, default: 0 },
} as const;

/** Options of {@link adadelta}. */
export interface AdadeltaOptions extends OptionsOf<typeof adadeltaOptions> {}

/**
 * Adadelta: steps in the units of the parameters, which find their size by themselves (Zeiler 2012).
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adadelta() })
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const made = checkOptions('adadelta', adadeltaOptions, options);
  return optimizerOf(made, ({ gradient, rows, memory, call }, { rho, epsilon }) => {
    const means = [memory('mean square'), memory('mean square move')] as const;
    call('adadeltaDirection', gradient, ...means, ...rows, rho, epsilon);
  });
}
