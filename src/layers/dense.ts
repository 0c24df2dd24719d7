import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { stride } from '../runtime/stride.ts';
import { initializerOptions } from './initializers.ts';
import {
  call,
  featuresOf,
  filled,
  type Layer,
  linearMaps,
  type Shape,
  sequence,
  sequenceOf,
  vector,
} from './layer.ts';
import { linear } from './linear.ts';

/** What {@link dense} may be told. */
export const denseOptions = {
  /** Numbers it yields (O). */
  units: { is: 'whole', from: 1, to: 65_536 },
  /** What follows the product. Default none. */
  activation: { is: ['none', 'relu', 'tanh', 'gelu'], default: 'none' },
  ...initializerOptions,
} as const;

/** Options of {@link dense}. */
export interface DenseOptions extends OptionsOf<typeof denseOptions> {}

/** What comes of each row alone knows no more than the row, if that knows but one direction. */
function onlyPast(input: Shape) {
  const { causal, reverseFrom, features } = sequenceOf('dense', input);
  return causal && reverseFrom === features && { causal };
}

/**
 * Fully connected: y = W·x + b, weight [O,I], of each vector it is given.
 * @throws UsageError when units is not a whole number from 1 to 65536, or the activation is unknown
 * @example
 * dense({ units: 32, activation: 'relu' })
 */
export function dense(options: DenseOptions): Layer {
  const made = checkOptions('dense', denseOptions, options);
  const { units: O, activation, initializer } = made.options;
  return {
    ...made,
    output(input) {
      featuresOf(made.kind, input);
      return input.kind === 'vector' ? vector(O) : { ...sequence(O), ...onlyPast(input) };
    },
    parameters(input) {
      const I = featuresOf(made.kind, input);
      return [linearMaps('weight', O, I, 1, initializer), filled('bias', [O])];
    },
    plan(context, x) {
      const z = context.output(this.output(x.shape), x.rows, x.index);
      linear(context, '', z, x, { weight: context.parameter('weight'), bias: context.parameter('bias') });
      if (activation === 'none') return z;
      // The slope of gelu follows from what went in, of the others from what came out: they work in place.
      const apart = activation === 'gelu' && context.mode === 'train';
      const y = apart ? context.output(z.shape, z.rows, z.index) : z;
      const count = { dimension: x.rows, times: stride(O) };
      context.forward(`${activation}Forward`, y.block, z.block, count);
      context.backward(call(`${activation}Backward`, z.gradient!, y.gradient!, z.block, count));
      return y;
    },
  };
}
