import { show, UsageError } from '../runtime/errors.ts';
import { fraction, onlyKnown, positive } from '../runtime/options.ts';
import { stride } from '../runtime/stride.ts';
import { call, constant, featuresOf, type Layer, spread } from './layer.ts';

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** How far a step moves the running statistics towards those of its batch: above 0, at most 1. Default 0.1. */
  readonly momentum?: number;
  /** Added to the variance, which may be zero. Default 1e-5. */
  readonly epsilon?: number;
  /**
   * Batch renormalisation, for small batches: training, too, goes by the running statistics, as far as they stay
   * within a factor `r` (the paper's 3) of the batch's deviation and `d` (its 5) deviations from its mean. Backward
   * takes both for constants. Default: none. Source: Ioffe 2017.
   */
  readonly renorm?: { readonly r: number; readonly d: number };
}

/**
 * Each feature to mean 0 and variance 1, then scaled and shifted as learnt: y = γ·(x − μ)/√(σ² + ε) + β,
 * gamma and beta [C] from 1 and 0. In training μ and σ² are those of the batch (over all words of a sequence, packed
 * without padding; with threads over each thread's share), and running ones follow them, mean and variance [C]
 * from 0 and 1: predictions use these, so that a text's result does not depend on the texts beside it. A batch of one row
 * becomes β. As PyTorch's BatchNorm1d. Source: Ioffe & Szegedy 2015.
 * @throws UsageError when an option is wrong
 * @example
 * batchNorm()
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  onlyKnown('batchNorm()', options, ['momentum', 'epsilon', 'renorm']);
  const momentum = fraction('batchNorm momentum', options.momentum ?? 0.1);
  const epsilon = positive('batchNorm epsilon', options.epsilon ?? 1e-5);
  const renorm = options.renorm && renormOf(options.renorm);
  const { r: most, d: shift } = renorm ?? { r: 1, d: 0 };
  return {
    kind: 'batchNorm',
    options: { momentum, epsilon, ...(renorm && { renorm }) },
    output(input) {
      featuresOf('batchNorm', input);
      return input;
    },
    parameters(input) {
      const C = featuresOf('batchNorm', input);
      return [
        { name: 'gamma', shape: [C], initial: [constant(C, 1)] },
        { name: 'beta', shape: [C], initial: [constant(C, 0)] },
        { name: 'mean', shape: [C], initial: [constant(C, 0)], statistic: { momentum } },
        { name: 'variance', shape: [C], initial: [constant(C, 1)], statistic: { momentum } },
      ];
    },
    plan(context, input) {
      const train = context.mode === 'train';
      const x = train ? spread(context, input) : input; // statistics are over the words as they stand in the text
      const C = featuresOf('batchNorm', x.shape);
      const [gamma, beta] = [context.parameter('gamma'), context.parameter('beta')];
      const [mean, variance] = [context.parameter('mean'), context.parameter('variance')];
      const parameters = [gamma.value, beta.value, mean.value, variance.value] as const;
      const table = context.floats('table', (train ? 9 : 3) * stride(C));
      const y = context.output(x.shape, x.rows, x.index);
      const sizes = [x.rows, C] as const;
      if (train) {
        const limits = [epsilon, most, shift] as const;
        context.forward('batchNormStatistics', table, x.block, ...parameters, ...sizes, ...limits);
      } else {
        context.prepare('batchNormPrepare', table, ...parameters, C, epsilon);
      }
      context.forward('batchNormForward', y.block, x.block, table, ...sizes);
      if (train) {
        const gradients = [gamma, beta, mean, variance].map(({ gradient }) => gradient!);
        const inputs = [y.gradient!, x.block, variance.value, ...sizes] as const;
        const share = x.rows === 'B' ? 'shareB' : 'shareN';
        context.backward(call('batchNormBackward', x.gradient!, ...gradients, table, ...inputs, share));
      }
      return y;
    },
  };
}

function renormOf(renorm: unknown): { r: number; d: number } {
  onlyKnown('batchNorm renorm', renorm, ['r', 'd']);
  const { r, d } = renorm as { r: unknown; d: unknown };
  const limits = { r: positive('batchNorm renorm r', r), d: positive('batchNorm renorm d', d) };
  if (limits.r >= 1) return limits;
  throw new UsageError('batchNorm renorm r', { expected: 'a number from 1 up', got: show(r) });
}
