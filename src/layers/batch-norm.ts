import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { stride } from '../runtime/stride.ts';
import { call, featuresOf, filled, type Layer, spread } from './layer.ts';

/** What {@link batchNorm} may be told. */
export const batchNormOptions = {
  /** How far a step moves the running statistics towards those of its batch. Default 0.1. */
  momentum: { is: 'number', from: 1e-6, to: 1, default: 0.1 },
  /** Added to the variance, which may be zero. Default 1e-5. */
  epsilon: { is: 'positive', default: 1e-5 },
  /** Batch renormalisation, for small batches: training, too, goes by the running statistics. Default false. */
  renorm: { is: 'flag', default: false },
} as const;

/** Options of {@link batchNorm}. */
export interface BatchNormOptions extends OptionsOf<typeof batchNormOptions> {}

/** How far renormalisation follows the running statistics: r and d of Ioffe 2017, from the first step on. */
const RENORM = { r: 3, d: 5 };

/**
 * Each feature to mean 0 and variance 1, then scaled and shifted as learnt: y = γ·(x − μ)/√(σ² + ε) + β,
 * gamma and beta [C] from 1 and 0. In training μ and σ² are those of the batch (over all words of a sequence, packed
 * without padding; with threads over each thread's share), and running ones follow them, mean and variance [C]
 * from 0 and 1: predictions use these, so that a text's result does not depend on the texts beside it. A batch of one row
 * becomes β. As PyTorch's BatchNorm1d. With `renorm` the batch's μ and σ give way to the running ones as far as σ is
 * within a factor of 3 of theirs and μ within 5 running deviations; backward takes that correction for a constant.
 * Source: Ioffe & Szegedy 2015; renormalisation: Ioffe 2017.
 * @throws UsageError when an option is wrong
 * @example
 * batchNorm()
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  const made = checkOptions('batchNorm', batchNormOptions, options);
  const { momentum, epsilon } = made.options;
  const { r: most, d: shift } = made.options.renorm ? RENORM : { r: 1, d: 0 };
  return {
    ...made,
    output(input) {
      featuresOf(made.kind, input);
      return input;
    },
    parameters(input) {
      const C = featuresOf(made.kind, input);
      return [
        filled('gamma', [C], 1),
        filled('beta', [C]),
        { ...filled('mean', [C]), statistic: { momentum } },
        { ...filled('variance', [C], 1), statistic: { momentum } },
      ];
    },
    plan(context, input) {
      const train = context.mode === 'train';
      const x = train ? spread(context, input) : input; // statistics are over the words as they stand in the text
      const C = featuresOf(made.kind, x.shape);
      const parameters = ['gamma', 'beta', 'mean', 'variance'].map(context.parameter);
      const values = parameters.map(({ value }) => value);
      const table = context.floats('table', (train ? 9 : 3) * stride(C));
      context.norms.push(table);
      const y = context.output(x.shape, x.rows, x.index);
      const sizes = [x.rows, C] as const;
      if (train) {
        const limits = [epsilon, most, shift] as const;
        context.forward('batchNormStatistics', table, x.block, ...values, ...sizes, ...limits);
      } else {
        context.prepare('batchNormPrepare', table, ...values, C, epsilon);
      }
      context.forward('batchNormForward', y.block, x.block, table, ...sizes);
      const gradients = parameters.map(({ gradient }) => gradient!);
      const inputs = [y.gradient!, x.block, values[3], ...sizes] as const;
      const share = x.rows === 'B' ? 'shareB' : 'shareN';
      context.backward(call('batchNormBackward', x.gradient!, ...gradients, table, ...inputs, share));
      return y;
    },
  };
}
