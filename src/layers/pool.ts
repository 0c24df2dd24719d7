import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { call, featuresOf, type Layer, sequenceOf, spread } from './layer.ts';

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
  const checked = checkOptions('pool', poolOptions, options);
  const { over } = checked;
  return {
    kind: 'pool',
    options: checked,
    output: (input) => ({ kind: 'vector', features: sequenceOf('pool', input).features }),
    parameters: () => [],
    plan(context, input) {
      const x = spread(context, input);
      const { features: C, reverseFrom } = sequenceOf('pool', x.shape);
      const { steps, lengths } = context.batch;
      const y = context.output(this.output(x.shape), 'B');
      const train = context.mode === 'train';
      if (over === 'last') {
        context.forward('poolLastForward', y.block, x.block, steps, 'T', 'B', C, reverseFrom);
        if (train) {
          context.backward(
            call('poolLastBackward', x.gradient!, y.gradient!, steps, 'T', 'B', C, reverseFrom),
          );
        }
      } else if (over === 'mean') {
        const sum = context.state('sum', C);
        context.forward('poolMeanForward', y.block, sum, x.block, steps, lengths, 'T', 'B', C, 'keep');
        if (train)
          context.backward(call('poolMeanBackward', x.gradient!, y.gradient!, steps, lengths, 'T', 'B', C));
      } else {
        const argmax = context.matrix('argmax', 'B', featuresOf('pool', y.shape));
        context.forward('poolMaxForward', y.block, argmax, x.block, steps, 'T', 'B', C, 'keep');
        if (train) context.backward(call('poolMaxBackward', x.gradient!, y.gradient!, argmax, 'N', 'B', C));
      }
      return y;
    },
  };
}
