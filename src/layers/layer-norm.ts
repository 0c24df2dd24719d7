import { onlyKnown, positive } from '../runtime/options.ts';
import { call, constant, featuresOf, type Layer } from './layer.ts';

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance, which may be zero. Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Each vector to mean 0 and variance 1 over its own features, then scaled and shifted as learnt:
 * y = γ·(x − μ)/√(σ² + ε) + β, gamma and beta [C] from 1 and 0. The same in training and prediction, whatever the
 * batch. Source: Ba, Kiros & Hinton 2016.
 * @throws UsageError when epsilon is not a positive number
 * @example
 * layerNorm()
 */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  onlyKnown('layerNorm()', options, ['epsilon']);
  const epsilon = positive('layerNorm epsilon', options.epsilon ?? 1e-5);
  return {
    kind: 'layerNorm',
    options: { epsilon },
    output(input) {
      featuresOf('layerNorm', input);
      return input;
    },
    parameters(input) {
      const C = featuresOf('layerNorm', input);
      return [
        { name: 'gamma', shape: [C], initial: [constant(C, 1)] },
        { name: 'beta', shape: [C], initial: [constant(C, 0)] },
      ];
    },
    plan(context, x) {
      const C = featuresOf('layerNorm', x.shape);
      const [gamma, beta] = [context.parameter('gamma'), context.parameter('beta')];
      const y = context.output(x.shape, x.rows, x.index);
      const moments = context.matrix('moments', x.rows, 2);
      const inputs = [x.block, gamma.value, beta.value] as const;
      context.forward('layerNormForward', y.block, moments, ...inputs, x.rows, C, epsilon);
      if (context.mode === 'train') {
        const gradients = [x.gradient!, gamma.gradient!, beta.gradient!, y.gradient!] as const;
        context.backward(call('layerNormBackward', ...gradients, x.block, moments, gamma.value, x.rows, C));
      }
      return y;
    },
  };
}
