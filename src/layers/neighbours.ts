import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { dense } from './dense.ts';
import {
  call,
  type Layer,
  type PlanContext,
  type Shape,
  sequence,
  sequenceOf,
  spread,
  type Value,
} from './layer.ts';

/** What {@link neighbours} may be told. */
export const neighboursOptions = {
  /** Numbers of a word's vector: the size of the embedding (E). Default 64. */
  size: { is: 'whole', from: 1, to: 4096, default: 64 },
} as const;

/** Options of {@link neighbours}. */
export interface NeighboursOptions extends OptionsOf<typeof neighboursOptions> {}

/**
 * The last layer of a language model: at each word it guesses the vector of the next word, and, where the text is read
 * both ways, from the reverse direction that of the previous one: q = W·h + b, weight [E,H]. A guess is held against
 * the embedding's own vectors (tied, Press & Wolf 2017); each direction sees only what it has read (Rei 2017).
 * @throws UsageError when a layer before it has seen the words that are to be guessed
 * @example
 * createModel({ task: 'language', layers: [embedding({ size: 64 }), lstm({ bidirectional: true }), neighbours({ size: 64 })] })
 */
export function neighbours(options: NeighboursOptions = {}): Layer {
  const made = checkOptions('neighbours', neighboursOptions, options);
  const { size: E } = made.options;
  const project = dense({ units: E });
  return {
    ...made,
    closes: 'language',
    output(input) {
      const parts = partsOf(input);
      return { kind: 'sequence', features: parts.length * E, reverseFrom: E };
    },
    parameters(input, tableRows) {
      return partsOf(input).flatMap(({ direction, shape }) =>
        project
          .parameters(shape, tableRows)
          .map((parameter) => ({ ...parameter, name: `${direction}.${parameter.name}` })),
      );
    },
    plan(context, input) {
      const x = spread(context, input);
      const guesses = split(context, x).map(({ direction, value }) =>
        project.plan(context.within(direction), value),
      );
      const [{ block, gradient }] = guesses;
      return { shape: this.output(x.shape), rows: x.rows, block, ...(gradient && { gradient }), guesses };
    },
  };
}

/** The shape of what each direction knows. @throws UsageError when a direction knows too much */
function partsOf(input: Shape): { direction: 'forward' | 'reverse'; shape: Shape }[] {
  const { causal, features, reverseFrom: from } = sequenceOf('neighbours', input);
  if (!causal) {
    throw new UsageError('neighbours()', {
      expected: 'layers that have not seen the words to guess',
      got: 'layers that know the whole text',
      cause: 'Above the first bidirectional layer, or attention, nothing is left to guess.',
    });
  }
  const forward = { direction: 'forward', shape: sequence(from) } as const;
  if (from === features) return [forward];
  return [forward, { direction: 'reverse', shape: sequence(features - from) }];
}

/** The features of each direction, each in a matrix of its own. */
function split(context: PlanContext, x: Value): { direction: string; value: Value }[] {
  const parts = partsOf(x.shape);
  if (parts.length === 1) return [{ direction: 'forward', value: x }];
  const values = parts.map(({ direction, shape }) => context.within(direction).output(shape, x.rows));
  const [ahead, back] = values;
  const { features, reverseFrom: from } = sequenceOf('neighbours', x.shape);
  const sizes = [x.rows, from, features - from] as const;
  context.forward('concatBackward', ahead.block, back.block, x.block, ...sizes);
  context.backward(call('concatForward', x.gradient!, ahead.gradient!, back.gradient!, ...sizes));
  return parts.map(({ direction }, i) => ({ direction, value: values[i] }));
}
