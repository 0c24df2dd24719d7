import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { power } from '../arithmetic.ts';
import type { Schedule } from '../schedule.ts';

/** What {@link reduceOnPlateau} may be told. */
export const reduceOnPlateauOptions = {
  /** What the learning rate is multiplied by. Default 0.5. */
  factor: { is: 'share', default: 0.5 },
  /** Epochs in a row that may be no better than the best. Default 1. */
  patience: { is: 'whole', from: 0, to: 1_000_000, default: 1 },
} as const;

/** Options of {@link reduceOnPlateau}. */
export interface ReduceOnPlateauOptions extends OptionsOf<typeof reduceOnPlateauOptions> {}

/**
 * Multiplied by `factor` each time the validation loss was no better for more than `patience` epochs in a row.
 * @throws UsageError when factor is no share or patience no whole number; and from train() without rows to validate on
 * @example
 * train(model, rows, { schedule: reduceOnPlateau({ patience: 2 }), validation: 0.1 })
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): Schedule {
  const { options: checked } = checkOptions('reduceOnPlateau', reduceOnPlateauOptions, options);
  const { factor, patience } = checked;
  return {
    kind: 'plateau',
    options: checked,
    validates: true,
    factor({ losses }) {
      let best = Infinity;
      let worse = 0;
      let times = 0;
      for (const loss of losses) {
        worse = loss < best ? 0 : worse + 1;
        best = Math.min(best, loss);
        if (worse <= patience) continue;
        times++;
        worse = 0;
      }
      return power(factor, times);
    },
  };
}
