import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { type Layer, sequence } from './layer.ts';

/** What {@link numbers} may be told. */
export const numbersOptions = {
  /** Numbers a step (F). */
  features: { is: 'whole', from: 1, to: 4096 },
} as const;

/** Options of {@link numbers}. */
export interface NumbersOptions extends OptionsOf<typeof numbersOptions> {}

/**
 * The first layer of a model that reads sequences of numbers in place of texts: each step is a vector of F numbers, as
 * it is given. Numbers learn best when they are about as large as 1.
 * @throws UsageError when features is not a whole number from 1 to 4096
 * @example
 * createModel({ task: 'regress', layers: [numbers({ features: 2 }), lstm(), pool(), dense({ units: 1 })] })
 */
export function numbers(options: NumbersOptions): Layer {
  const made = checkOptions('numbers', numbersOptions, options);
  const { features: F } = made.options;
  return {
    ...made,
    reads: F,
    output(input) {
      if (input.kind === 'tokens') return { ...sequence(F), causal: true };
      throw new UsageError(`${made.kind}()`, {
        expected: 'what the user gives',
        got: 'the output of a layer',
        cause: 'It can only be the first layer.',
      });
    },
    parameters: () => [],
    plan(context, input) {
      const shape = this.output(input.shape);
      const gradient = context.mode === 'train' && { gradient: context.matrix('dX', 'N', F) };
      return { shape, rows: 'N', block: context.batch.vectors, ...gradient };
    },
  };
}
