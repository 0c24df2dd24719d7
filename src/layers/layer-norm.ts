import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { call, featuresOf, filled, type Layer } from './layer.ts';

/** What {@link layerNorm} may be told. */
export const layerNormOptions = {
  /** Added to the variance, which may be zero. Default 1e-5. */
  epsilon: { is: 'positive', default: 1e-5 },
} as const;

/** Options of {@link layerNorm}. */
export interface LayerNormOptions extends OptionsOf<typeof layerNormOptions> {}

/**
 * Each vector to mean 0 and variance 1 over its own features, then scaled and shifted as learnt:
 * y = γ·(x − μ)/√(σ² + ε) + β, gamma and beta [C] from 1 and 0. The same in training and prediction, whatever the
 * batch. Source: Ba, Kiros & Hinton 2016.
 * @throws UsageError when epsilon is not a positive number
 * @example
 * layerNorm()
 */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  const made = checkOptions('layerNorm', layerNormOptions, options);
  const { epsilon } = made.options;
  return {
    ...made,
    output(input) {
      featuresOf(made.kind, input);
      return input;
    },
    parameters(input) {
      const C = featuresOf(made.kind, input);
      return [filled('gamma', [C], 1), filled('beta', [C])];
    },
    plan(context, x) {
      const C = featuresOf(made.kind, x.shape);
      const [gamma, beta] = [context.parameter('gamma'), context.parameter('beta')];
      const y = context.output(x.shape, x.rows, x.index);
      const moments = context.matrix('moments', x.rows, 2);
      const inputs = [x.block, gamma.value, beta.value] as const;
      context.forward('layerNormForward', y.block, moments, ...inputs, x.rows, C, epsilon);
      const gradients = [x.gradient!, gamma.gradient!, beta.gradient!, y.gradient!] as const;
      context.backward(call('layerNormBackward', ...gradients, x.block, moments, gamma.value, x.rows, C));
      return y;
    },
  };
}
