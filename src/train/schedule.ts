import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { power } from './optimizer.ts';

/** How the learning rate changes from epoch to epoch. */
export interface Schedule {
  readonly kind: string;
  readonly options: Readonly<Record<string, number>>;
  /** What the optimiser's learning rate is multiplied by. @param epoch counted from 0 */
  factor(epoch: number): number;
}

/** The learning rate stays as it is. */
export function constantRate(): Schedule {
  return { kind: 'constant', options: {}, factor: () => 1 };
}

/** What {@link stepDecay} may be told. */
export const stepDecayOptions = {
  /** What the learning rate is multiplied by. Default 0.5. */
  factor: { is: 'positive', default: 0.5 },
  /** Epochs between two multiplications. Default 5. */
  every: { is: 'whole', from: 1, to: 1_000_000, default: 5 },
} as const;

/** Options of {@link stepDecay}. */
export interface StepDecayOptions extends OptionsOf<typeof stepDecayOptions> {}

/**
 * Multiplied by `factor` after every `every` epochs.
 * @throws UsageError when factor is not above 0 or every not a whole number
 * @example
 * train(model, rows, { schedule: stepDecay({ factor: 0.5, every: 3 }) })
 */
export function stepDecay(options: StepDecayOptions = {}): Schedule {
  const checked = checkOptions('stepDecay', stepDecayOptions, options);
  const { factor, every } = checked;
  return {
    kind: 'step',
    options: checked,
    factor: (epoch) => power(factor, Math.floor(epoch / every)),
  };
}

/** What {@link exponentialDecay} may be told. */
export const exponentialDecayOptions = {
  /** What the learning rate is multiplied by. Default 0.9. */
  factor: { is: 'positive', default: 0.9 },
} as const;

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions extends OptionsOf<typeof exponentialDecayOptions> {}

/**
 * Multiplied by `factor` after each epoch.
 * @throws UsageError when factor is not above 0
 * @example
 * train(model, rows, { schedule: exponentialDecay({ factor: 0.95 }) })
 */
export function exponentialDecay(options: ExponentialDecayOptions = {}): Schedule {
  const checked = checkOptions('exponentialDecay', exponentialDecayOptions, options);
  const { factor } = checked;
  return { kind: 'exponential', options: checked, factor: (epoch) => power(factor, epoch) };
}
