import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { call, type Layer, sequence } from './layer.ts';

/** What {@link embedding} may be told. */
export const embeddingOptions = {
  /** Numbers for each word (E). Default 64. */
  size: { is: 'whole', from: 1, to: 4096, default: 64 },
  /** Share of a batch's words that are zero wherever they occur in it (Gal & Ghahramani 2016). Default 0. */
  dropout: { is: 'share', default: 0 },
} as const;

/** Options of {@link embedding}. */
export interface EmbeddingOptions extends OptionsOf<typeof embeddingOptions> {}

/**
 * Each word becomes a vector: its row of a learnt table, or the mean of the rows of its character
 * n-grams when the vocabulary does not hold it. Words → sequence of E features.
 * @throws UsageError when the size is not a whole number from 1 to 4096, or dropout not in [0, 1)
 * @example
 * embedding({ size: 128 })
 */
export function embedding(options: EmbeddingOptions = {}): Layer {
  const made = checkOptions('embedding', embeddingOptions, options);
  const { size: E, dropout: rate } = made.options;
  return {
    ...made,
    output(input) {
      if (input.kind === 'tokens') return { ...sequence(E), causal: true };
      throw new UsageError(`${made.kind}()`, {
        expected: 'words',
        got: 'numbers',
        cause: 'It can only be the first layer.',
      });
    },
    parameters(_input, tableRows) {
      const limit = Math.sqrt(3 / E); // rows of unit length on average
      return [
        {
          name: 'weight',
          shape: [tableRows, E],
          initial: [{ from: 0, count: tableRows * E, low: -limit, high: limit }],
          sparse: true,
        },
      ];
    },
    plan(context, input) {
      const { bagStart, bagIds, index, slots } = context.batch;
      const table = context.parameter('weight');
      const output = context.output(this.output(input.shape), 'U', index);
      const bags = [bagStart, bagIds, 'U', E] as const;
      if (table.scales) {
        context.forward('embeddingForwardQuantised', output.block, table.value, table.scales, ...bags);
      } else {
        context.forward('embeddingForward', output.block, table.value, ...bags);
      }
      if (context.mode !== 'train') return output;
      context.backward(call('embeddingBackward', table.gradient!, output.gradient!, slots, ...bags));
      if (rate > 0) {
        const mask = context.matrix('mask', 'U', 1);
        const random = [context.seed, context.stream, 'step'] as const;
        const numbers = { dimension: 'U', times: stride(1) } as const;
        context.forward('drawMask', mask, numbers, rate, 0, 1 / (1 - rate), ...random);
        context.forward('maskWholeRows', output.block, mask, 'U', E);
        context.backward(call('maskWholeRows', output.gradient!, mask, 'U', E));
      }
      return output;
    },
  };
}
