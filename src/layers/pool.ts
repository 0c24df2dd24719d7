import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { call, type Layer, sequenceOf, spread, vector } from './layer.ts';

/** What {@link pool} may be told. */
export const poolOptions = {
  /** `last`: the state after the whole text, of each direction; `mean` and `max`: over all words. Default last. */
  over: { is: ['last', 'mean', 'max'], default: 'last' },
} as const;

/** Options of {@link pool}. */
export interface PoolOptions extends OptionsOf<typeof poolOptions> {}

/**
 * One vector a text: sequence → vector of the same features.
 * @throws UsageError when `over` is none of last, mean, max
 * @example
 * pool({ over: 'max' })
 */
export function pool(options: PoolOptions = {}): Layer {
  const made = checkOptions('pool', poolOptions, options);
  const { over } = made.options;
  return {
    ...made,
    output: (input) => vector(sequenceOf(made.kind, input).features),
    parameters: () => [],
    plan(context, input) {
      const x = spread(context, input);
      const { features: C, reverseFrom } = sequenceOf(made.kind, x.shape);
      const { steps, lengths } = context.batch;
      const y = context.output(this.output(x.shape), 'B');
      if (over === 'last') {
        const given = [steps, 'T', 'B', C, reverseFrom] as const;
        context.forward('poolLastForward', y.block, x.block, ...given);
        context.backward(call('poolLastBackward', x.gradient!, y.gradient!, ...given));
      } else if (over === 'mean') {
        const given = [steps, lengths, 'T', 'B', C] as const;
        context.forward('poolMeanForward', y.block, context.state('sum', C), x.block, ...given, 'keep');
        context.backward(call('poolMeanBackward', x.gradient!, y.gradient!, ...given));
      } else {
        const argmax = context.matrix('argmax', 'B', C);
        context.forward('poolMaxForward', y.block, argmax, x.block, steps, 'T', 'B', C, 'keep');
        context.backward(call('poolMaxBackward', x.gradient!, y.gradient!, argmax, 'N', 'B', C));
      }
      return y;
    },
  };
}
