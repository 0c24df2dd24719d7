import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { call, type Layer, sequenceOf, spread } from './layer.ts';

/** What {@link penalty} may be told. */
export const penaltyOptions = {
  /** Weight of the mean square of all activations (AR). Default 2. */
  activation: { is: 'number', from: 0, to: 1_000_000, default: 2 },
  /** Weight of the mean square of their change from word to word (TAR). Default 1. */
  change: { is: 'number', from: 0, to: 1_000_000, default: 1 },
} as const;

/** Options of {@link penalty}. */
export interface PenaltyOptions extends OptionsOf<typeof penaltyOptions> {}

/**
 * Lets its input pass, and in training makes large activations, and large changes from word to word, cost something
 * (Merity et al. 2017).
 *   loss += activation·mean x² + change·mean (x_t − x_{t−1})²
 * The loss that training reports is without it. Put it behind the last recurrent layer.
 * @throws UsageError when a weight is below 0, or both are 0
 * @example
 * penalty({ activation: 2, change: 1 })
 */
export function penalty(options: PenaltyOptions = {}): Layer {
  const made = checkOptions('penalty', penaltyOptions, options);
  const { activation, change } = made.options;
  if (activation === 0 && change === 0) throw new UsageError('penalty() of 0 and 0 can do nothing');
  return {
    ...made,
    trainsOnly: true,
    output(input) {
      return sequenceOf(made.kind, input);
    },
    parameters: () => [],
    plan(context, input) {
      if (context.mode !== 'train') return input;
      const x = spread(context, input); // each place of a word has its own neighbours
      const { features: C } = sequenceOf(made.kind, x.shape);
      const { steps } = context.batch;
      const gradient = context.matrix('dY', 'N', C);
      const shares = ['shareN', 'shareB'] as const;
      const read = [gradient, x.block, steps, activation, change, ...shares] as const;
      context.backward(call('penaltyBackward', x.gradient!, ...read, 'T', 'B', 'N', C));
      return { ...x, gradient };
    },
  };
}
