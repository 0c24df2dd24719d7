import { onlyKnown, positive, wholeNumber } from '../runtime/options.ts';

/** How the learning rate changes while a training goes on: a function of where it stands, and of nothing else. */
export interface Schedule {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What the optimiser's learning rate is multiplied by in the step that follows. */
  factor(place: Place): number;
}

/** Where a training stands before a step. */
export interface Place {
  /** Steps done. */
  readonly step: number;
  /** Epochs done, and of the one under way the share of its batches. */
  readonly epoch: number;
  /** Epochs in all. */
  readonly epochs: number;
  /** Of each epoch that is done, the loss on the rows held back; empty without such rows. */
  readonly losses: readonly number[];
}

/** The learning rate stays as it is. */
export function constantRate(): Schedule {
  return { kind: 'constant', options: {}, factor: () => 1 };
}

/**
 * Multiplied by `factor` after every `every` epochs. Defaults: factor 0.5, every 5.
 * @throws UsageError when factor is not above 0 or every not a whole number
 * @example
 * train(model, rows, { schedule: stepDecay({ factor: 0.5, every: 3 }) })
 */
export function stepDecay(options: { readonly factor?: number; readonly every?: number } = {}): Schedule {
  onlyKnown('stepDecay()', options, ['factor', 'every']);
  const factor = positive('stepDecay factor', options.factor ?? 0.5);
  const every = wholeNumber('stepDecay every', options.every ?? 5);
  return {
    kind: 'step',
    options: { factor, every },
    factor: ({ epoch }) => power(factor, Math.floor(epoch / every)),
  };
}

/**
 * Multiplied by `factor` after each epoch. Default 0.9.
 * @throws UsageError when factor is not above 0
 * @example
 * train(model, rows, { schedule: exponentialDecay({ factor: 0.95 }) })
 */
export function exponentialDecay(options: { readonly factor?: number } = {}): Schedule {
  onlyKnown('exponentialDecay()', options, ['factor']);
  const factor = positive('exponentialDecay factor', options.factor ?? 0.9);
  return {
    kind: 'exponential',
    options: { factor },
    factor: ({ epoch }) => power(factor, Math.floor(epoch)),
  };
}

/** x^n by repeated squaring: the same bits on every engine, unlike Math.pow. */
export function power(x: number, n: number): number {
  let result = 1;
  for (let square = x; n > 0; n = Math.floor(n / 2), square *= square) if (n % 2 === 1) result *= square;
  return result;
}
