import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { UsageError } from '../../runtime/errors.ts';
import { cosineFall } from '../arithmetic.ts';
import type { Schedule } from '../schedule.ts';

/** What {@link cosineDecay} may be told. */
export const cosineDecayOptions = {
  /** Share of the learning rate that is left at the end. Default 0. */
  end: { is: 'share', default: 0 },
  /** Epochs until it starts anew from the top; without it there is one fall over all epochs. Default none. */
  period: { is: 'whole', from: 1, to: 1_000_000, default: null },
  /** Times that each period is longer than the one before. Default 1. */
  lengthen: { is: 'whole', from: 1, to: 10, default: 1 },
} as const;

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions extends OptionsOf<typeof cosineDecayOptions> {}

/**
 * Falls step by step as a cosine does, once, or with a `period` again and again (Loshchilov & Hutter 2017).
 * @throws UsageError when an option is out of range, or lengthen has no period to act on
 * @example
 * train(model, rows, { epochs: 7, schedule: cosineDecay({ period: 1, lengthen: 2 }) })
 */
export function cosineDecay(options: CosineDecayOptions = {}): Schedule {
  const { options: checked } = checkOptions('cosineDecay', cosineDecayOptions, options);
  const { end, period, lengthen } = checked;
  if (period === null && lengthen > 1) {
    throw new UsageError('cosineDecay lengthen can do nothing without period', { cause: 'Give period: 1.' });
  }
  return {
    kind: 'cosine',
    options: checked,
    factor({ epoch, epochs }) {
      let length = period ?? epochs;
      let at = epoch;
      while (at >= length) {
        at -= length;
        length *= lengthen;
      }
      return end + (1 - end) * cosineFall(at / length);
    },
  };
}

/** What {@link oneCycle} may be told. */
export const oneCycleOptions = {
  /** Share of all epochs in which the learning rate rises. Default 0.3. */
  rise: { is: 'share', default: 0.3 },
  /** Share of the learning rate at the start. Default 0.04. */
  start: { is: 'share', default: 0.04 },
  /** Share of the learning rate at the end. Default 4e-6. */
  end: { is: 'share', default: 4e-6 },
} as const;

/** Options of {@link oneCycle}. */
export interface OneCycleOptions extends OptionsOf<typeof oneCycleOptions> {}

/**
 * Rises to the optimiser's learning rate and falls below where it began, step by step, as cosines do (Smith & Topin 2018).
 * PyTorch's shares by default; the momentum stays as it is.
 * @throws UsageError when an option is no share
 * @example
 * train(model, rows, { optimizer: adam({ learningRate: 0.01 }), schedule: oneCycle() })
 */
export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { options: checked } = checkOptions('oneCycle', oneCycleOptions, options);
  const { rise, start, end } = checked;
  return {
    kind: 'oneCycle',
    options: checked,
    factor({ epoch, epochs }) {
      const at = epoch / epochs;
      if (at < rise) return 1 - (1 - start) * cosineFall(at / rise);
      return end + (1 - end) * cosineFall((at - rise) / (1 - rise));
    },
  };
}
