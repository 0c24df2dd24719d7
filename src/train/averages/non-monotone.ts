import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import type { Average } from '../average.ts';

/** What {@link nonMonotoneAverage} may be told. */
export const nonMonotoneAverageOptions = {
  /** Epochs just behind that a loss on the rows held back is not compared with. Default 5. */
  patience: { is: 'whole', from: 0, to: 1_000_000, default: 5 },
} as const;

/** Options of {@link nonMonotoneAverage}. */
export interface NonMonotoneAverageOptions extends OptionsOf<typeof nonMonotoneAverageOptions> {}

/**
 * The mean of the parameters since training stopped to gain; with sgd() it is NT-ASGD (Merity et al. 2018). Till then the
 * model is given the parameters themselves. The mean begins, with the parameters of that epoch's end, after the first
 * epoch whose loss on the rows held back is above the least of all but the last `patience` epochs before it.
 * @throws UsageError when patience is no whole number; and from train() without rows to validate on
 * @example
 * train(model, rows, { optimizer: sgd({ learningRate: 1 }), average: nonMonotoneAverage({ patience: 2 }), validation: 0.1 })
 */
export function nonMonotoneAverage(options: NonMonotoneAverageOptions = {}): Average {
  const { options: checked } = checkOptions('nonMonotoneAverage', nonMonotoneAverageOptions, options);
  const { patience } = checked;
  return {
    kind: 'nonMonotone',
    options: checked,
    validates: true,
    share(taken, { losses }) {
      const hasStalled = losses.some((loss, epoch) =>
        losses.slice(0, Math.max(0, epoch - patience)).some((before) => before < loss),
      );
      return hasStalled ? 1 / (taken + 1) : 1;
    },
  };
}
