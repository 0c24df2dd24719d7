import { UsageError } from '../runtime/errors.ts';
import { onlyKnown, wholeNumber } from '../runtime/options.ts';
import { call, type Layer } from './layer.ts';

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** Numbers for each word (E). Default 64. */
  readonly size?: number;
}

/**
 * Each word becomes a vector: its row of a learnt table, or the mean of the rows of its character
 * n-grams when the vocabulary does not hold it. Words → sequence of E features.
 * @throws UsageError when the size is not a whole number from 1 to 4096
 * @example
 * embedding({ size: 128 })
 */
export function embedding(options: EmbeddingOptions = {}): Layer {
  onlyKnown('embedding()', options, ['size']);
  const E = wholeNumber('embedding size', options.size ?? 64, 1, 4096);
  return {
    kind: 'embedding',
    options: { size: E },
    output(input) {
      if (input.kind === 'tokens') return { kind: 'sequence', features: E, reverseFrom: E, causal: true };
      throw new UsageError('embedding()', {
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
      const { bagStart, bagIds, index } = context.batch;
      const table = context.parameter('weight');
      const output = context.output(this.output(input.shape), 'U', index);
      const bags = [bagStart, bagIds, 'U', E] as const;
      if (table.scales) {
        context.forward('embeddingForwardQuantised', output.block, table.value, table.scales, ...bags);
      } else {
        context.forward('embeddingForward', output.block, table.value, ...bags);
      }
      if (context.mode === 'train') {
        context.backward(call('embeddingBackward', table.gradient!, output.gradient!, ...bags));
      }
      return output;
    },
  };
}
