import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { stride } from '../runtime/stride.ts';
import { call, featuresOf, type Layer } from './layer.ts';

/** What {@link batchNormInverse} may be told: nothing. */
export const batchNormInverseOptions = {} as const;

/** Options of {@link batchNormInverse}. */
export interface BatchNormInverseOptions extends OptionsOf<typeof batchNormInverseOptions> {}

/**
 * Undoes the nearest batchNorm() before it that nothing has undone yet: x = μ + (y − β)·√(σ² + ε)/γ, with the same
 * statistics, gain and shift, so that what stands between them works on normalised numbers, and what follows sees the old
 * scale. Directly behind batchNorm() it gives back what went in, to 1e-6 of its scale. It has no parameters of its own; the
 * gradient goes through both to x, γ and β. Pairs nest as brackets do. Words may have become one vector a text
 * in between, but features must be as many. A γ of exactly 0 has no inverse. The idea, over a text in place
 * of a batch: Kim et al. 2022 (RevIN).
 * @throws UsageError when a model has no such batchNorm() before it, or one of other features
 * @example
 * batchNormInverse()
 */
export function batchNormInverse(options: BatchNormInverseOptions = {}): Layer {
  const made = checkOptions('batchNormInverse', batchNormInverseOptions, options);
  return {
    ...made,
    output(input) {
      featuresOf(made.kind, input);
      return input;
    },
    parameters: () => [],
    plan(context, x) {
      const C = featuresOf(made.kind, x.shape);
      const table = context.norms.pop()!;
      const inverse = context.floats('inverse', 3 * stride(C));
      const y = context.output(x.shape, x.rows, x.index);
      const invert = context.mode === 'train' ? context.forward : context.prepare;
      invert('batchNormInvert', inverse, table, C);
      context.forward('batchNormForward', y.block, x.block, inverse, x.rows, C);
      const inputs = [y.gradient!, x.block, inverse, x.rows, C] as const;
      context.backward(call('batchNormInverseBackward', x.gradient!, table, ...inputs));
      return y;
    },
  };
}
