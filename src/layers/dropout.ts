import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { stride } from '../runtime/stride.ts';
import { call, featuresOf, type Layer, spread } from './layer.ts';

/** What {@link dropout} may be told. */
export const dropoutOptions = {
  /** Share of the numbers set to zero in training. Default 0.5. */
  rate: { is: 'share', default: 0.5 },
} as const;

/** Options of {@link dropout}. */
export interface DropoutOptions extends OptionsOf<typeof dropoutOptions> {}

/**
 * Sets a random share of the numbers to zero in training and scales the others up by 1 / (1 − rate), so
 * that prediction needs no change. Source: Srivastava et al. 2014 (inverted form).
 * @throws UsageError when the rate is not in [0, 1)
 * @example
 * dropout({ rate: 0.3 })
 */
export function dropout(options: DropoutOptions = {}): Layer {
  const checked = checkOptions('dropout', dropoutOptions, options);
  const { rate } = checked;
  return {
    kind: 'dropout',
    options: checked,
    output(input) {
      featuresOf('dropout', input);
      return input;
    },
    parameters: () => [],
    plan(context, input) {
      if (context.mode !== 'train' || rate === 0) return input;
      const rows = spread(context, input); // each place of a word draws for itself
      const output = context.output(rows.shape, rows.rows);
      const count = { dimension: rows.rows, times: stride(featuresOf('dropout', rows.shape)) };
      const draw = [count, rate, context.seed, context.stream, 'step'] as const;
      context.forward('dropout', output.block, rows.block, ...draw);
      context.backward(call('dropout', rows.gradient!, output.gradient!, ...draw));
      return output;
    },
  };
}
