import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { power } from '../arithmetic.ts';
import type { Schedule } from '../schedule.ts';

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
  const { options: checked } = checkOptions('stepDecay', stepDecayOptions, options);
  const { factor, every } = checked;
  return {
    kind: 'step',
    options: checked,
    factor: ({ epoch }) => power(factor, Math.floor(epoch / every)),
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
  const { options: checked } = checkOptions('exponentialDecay', exponentialDecayOptions, options);
  const { factor } = checked;
  return { kind: 'exponential', options: checked, factor: ({ epoch }) => power(factor, Math.floor(epoch)) };
}

/** What {@link inverseTimeDecay} may be told. */
export const inverseTimeDecayOptions = {
  /** How fast it falls. Default 1. */
  rate: { is: 'positive', default: 1 },
} as const;

/** Options of {@link inverseTimeDecay}. */
export interface InverseTimeDecayOptions extends OptionsOf<typeof inverseTimeDecayOptions> {}

/**
 * Divided by 1 + rate · epoch, step by step (Robbins & Monro 1951).
 * @throws UsageError when rate is not above 0
 * @example
 * train(model, rows, { schedule: inverseTimeDecay({ rate: 0.5 }) })
 */
export function inverseTimeDecay(options: InverseTimeDecayOptions = {}): Schedule {
  const { options: checked } = checkOptions('inverseTimeDecay', inverseTimeDecayOptions, options);
  return { kind: 'inverseTime', options: checked, factor: ({ epoch }) => 1 / (1 + checked.rate * epoch) };
}

/** What {@link polynomialDecay} may be told. */
export const polynomialDecayOptions = {
  /** 1 falls in a straight line, more falls early. Default 1. */
  power: { is: 'whole', from: 1, to: 10, default: 1 },
  /** Share of the learning rate that is left at the end. Default 0. */
  end: { is: 'share', default: 0 },
} as const;

/** Options of {@link polynomialDecay}. */
export interface PolynomialDecayOptions extends OptionsOf<typeof polynomialDecayOptions> {}

/**
 * Falls step by step with (1 − epoch/epochs)^power, to `end` when all epochs are done.
 * @throws UsageError when power is not a whole number from 1 to 10 or end no share
 * @example
 * train(model, rows, { schedule: polynomialDecay({ power: 2 }) })
 */
export function polynomialDecay(options: PolynomialDecayOptions = {}): Schedule {
  const { options: checked } = checkOptions('polynomialDecay', polynomialDecayOptions, options);
  const { power: n, end } = checked;
  return {
    kind: 'polynomial',
    options: checked,
    factor: ({ epoch, epochs }) => end + (1 - end) * power(1 - epoch / epochs, n),
  };
}
