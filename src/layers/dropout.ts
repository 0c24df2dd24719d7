import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import type { RowCount } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { call, featuresOf, type Layer, spread } from './layer.ts';

/** What {@link dropout} may be told. */
export const dropoutOptions = {
  /** Share of the numbers set to zero in training. Default 0.5. */
  rate: { is: 'share', default: 0.5 },
  /** Whether they are drawn anew for each word, or once for all words of a text (Gal & Ghahramani 2016). Default word. */
  per: { is: ['word', 'text'], default: 'word' },
} as const;

/** Options of {@link dropout}. */
export interface DropoutOptions extends OptionsOf<typeof dropoutOptions> {}

/**
 * Sets a random share of the numbers to zero in training and scales the others up by 1 / (1 − rate), so
 * that prediction needs no change. Source: Srivastava et al. 2014 (inverted form).
 * @throws UsageError when the rate is not in [0, 1), or `per: 'text'` stands where a text is one vector already
 * @example
 * dropout({ rate: 0.3 })
 */
export function dropout(options: DropoutOptions = {}): Layer {
  const made = checkOptions('dropout', dropoutOptions, options);
  const { rate, per } = made.options;
  return {
    ...made,
    trainsOnly: true,
    output(input) {
      featuresOf(made.kind, input);
      if (per === 'text' && input.kind === 'vector') {
        throw new UsageError("dropout({ per: 'text' }) can do nothing behind pool()", {
          cause: 'There each text is one vector.',
        });
      }
      return input;
    },
    parameters: () => [],
    plan(context, input) {
      if (context.mode !== 'train' || rate === 0) return input;
      const rows = spread(context, input); // each place of a word draws for itself
      const output = context.output(rows.shape, rows.rows);
      const C = featuresOf(made.kind, rows.shape);
      const numbers = (dimension: RowCount) => ({ dimension, times: stride(C) });
      const random = [context.seed, context.stream, 'step'] as const;
      if (per === 'text') {
        const mask = context.matrix('mask', 'B', C);
        context.forward('drawMask', mask, numbers('B'), rate, 0, 1 / (1 - rate), ...random);
        const masked = [mask, context.batch.steps, 'T', C] as const;
        context.forward('maskTexts', output.block, rows.block, ...masked);
        context.backward(call('maskTexts', rows.gradient!, output.gradient!, ...masked));
        return output;
      }
      const draw = [numbers(rows.rows), rate, ...random] as const;
      context.forward('dropout', output.block, rows.block, ...draw);
      context.backward(call('dropout', rows.gradient!, output.gradient!, ...draw));
      return output;
    },
  };
}
