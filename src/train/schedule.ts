import { onlyKnown, positive, wholeNumber } from '../runtime/options.ts';
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
    factor: (epoch) => power(factor, Math.floor(epoch / every)),
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
  return { kind: 'exponential', options: { factor }, factor: (epoch) => power(factor, epoch) };
}
