import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { power } from '../arithmetic.ts';
import type { Average } from '../average.ts';

/** What {@link exponentialAverage} may be told. */
export const exponentialAverageOptions = {
  /** What is left of a step's share after each further step: about the last 1 / (1 − decay) steps count. Default 0.99. */
  decay: { is: 'share', default: 0.99 },
} as const;

/** Options of {@link exponentialAverage}. */
export interface ExponentialAverageOptions extends OptionsOf<typeof exponentialAverageOptions> {}

/**
 * Exponential moving average of the parameters (Polyak & Juditsky 1992): the model is given it after each epoch, and is
 * steadier than the parameters of a single step. The average after t steps is Σ decay^(t−i)·p_i / Σ decay^(t−i), i = 1 … t,
 * without a share of the parameters that training began with. Running statistics of batchNorm() are given as they are:
 * those of the parameters in training.
 * @throws UsageError when decay is no share
 * @example
 * train(model, rows, { average: exponentialAverage({ decay: 0.999 }) })
 */
export function exponentialAverage(options: ExponentialAverageOptions = {}): Average {
  const { options: checked } = checkOptions('exponentialAverage', exponentialAverageOptions, options);
  const { decay } = checked;
  return {
    kind: 'exponential',
    options: checked,
    share: (taken) => (1 - decay) / (1 - power(decay, taken + 1)),
  };
}
