import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { type Optimizer, optimizerOf } from '../optimizer.ts';

/** What {@link adafactor} may be told. */
export const adafactorOptions = {
  /** How far a step goes, as a share of the size of the parameter; after t steps 1/√t at the most. Default 0.01. */
  learningRate: { is: 'positive', default: 0.01 },
  /** The newest square's share in its mean is t^−decay. Default 0.8. */
  decay: { is: 'share', default: 0.8 },
  /** The least size of a parameter that steps are a share of. Default 1e-3. */
  epsilon: { is: 'positive', default: 1e-3 },
  /** Each step takes learningRate · weightDecay of a weight away; vectors are spared. Default 0. */
  weightDecay: { is: 'number', from: 0, to: 1000, default: 0 },
} as const;

/** Options of {@link adafactor}. */
export interface AdafactorOptions extends OptionsOf<typeof adafactorOptions> {}

/**
 * Adafactor (Shazeer & Stern 2018): Adam's second moment alone, and of a matrix only the means of its rows and columns, so that it
 * remembers next to nothing. Steps are shares of the root mean square of the parameter. Of the embedding the rows that
 * a batch shows are the matrix.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adafactor() })
 */
export function adafactor(options: AdafactorOptions = {}): Optimizer {
  const made = checkOptions('adafactor', adafactorOptions, options);
  return optimizerOf(made, (move, { decay, epsilon }) => {
    const { size, value, gradient, rows, rate, memory, scratch, call } = move;
    const width = rows[2];
    const ofRows = [memory('row means', size / width), memory('row steps', size / width)] as const;
    const means = [...ofRows, memory('column means', width)] as const;
    const numbers = [decay, epsilon, rate, 'moves'] as const;
    call('adafactorDirection', gradient, ...means, scratch(width), value, ...rows, ...numbers);
  });
}
