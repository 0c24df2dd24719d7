import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { call, type Layer, refuseStream, sequence, sequenceOf, spread } from './layer.ts';

/** What {@link positions} may be told. */
export const positionsOptions = {
  /** `sinusoidal`: waves of many lengths, nothing learnt; `learned`: a vector for each place. Default sinusoidal. */
  kind: { is: ['sinusoidal', 'learned'], default: 'sinusoidal' },
  /** Places that get a vector, at least the model's maxLength; only for `learned`, there 256. Default none. */
  longest: { is: 'whole', from: 1, to: 65_536, default: null },
} as const;

/** Options of {@link positions}. */
export interface PositionsOptions extends OptionsOf<typeof positionsOptions> {}

/**
 * Adds to each word what stands for its place in the text, for layers that know no order: sequence → sequence of
 * the same C features. Sinusoidal: p_t[2i] = sin(ω·t)/√C, p_t[2i+1] = cos(ω·t)/√C, ω = 10000^(−2i/C), for texts of any
 * length; learned: a table weight [longest,C]. Source: Vaswani et al. 2017, who make words √C times as long instead; without
 * either, places drown the words.
 * @throws UsageError when an option is wrong, or `longest` stands beside sinusoidal positions
 * @example
 * positions()
 */
export function positions(options: PositionsOptions = {}): Layer {
  const made = checkOptions('positions', positionsOptions, options);
  const learned = made.options.kind === 'learned';
  if (!learned && made.options.longest !== null) {
    throw new UsageError('positions longest', {
      expected: 'nothing beside sinusoidal positions',
      got: String(made.options.longest),
      cause: "Leave it out, or ask for kind: 'learned'.",
    });
  }
  const longest = made.options.longest ?? 256;
  return {
    ...made,
    ...(learned && { longest }),
    output: (input) => sequence(sequenceOf(made.kind, input).features),
    parameters(input) {
      if (!learned) return [];
      const { features: C } = sequenceOf(made.kind, input);
      const initial = { from: 0, count: longest * C, low: -0.05, high: 0.05 };
      return [{ name: 'weight', shape: [longest, C], initial: [initial] }];
    },
    plan(context, input) {
      const cause = 'A stream has no first word to count from. Use predict() on the whole text.';
      refuseStream(context, made.kind, cause);
      const x = spread(context, input);
      const { features: C } = sequenceOf(made.kind, x.shape);
      const { steps } = context.batch;
      const y = context.output(this.output(x.shape), 'N');
      if (!learned) {
        const scratch = context.scratch(5 * stride(C));
        context.forward('positionsSinusoid', y.block, x.block, steps, scratch, 'T', C);
        const count = { dimension: 'N', times: stride(C) } as const;
        context.backward(call('residualEnter', x.gradient!, y.gradient!, count));
        return y;
      }
      const table = context.parameter('weight');
      if (table.scales) {
        const given = [x.block, table.value, table.scales] as const;
        context.forward('positionsForwardQuantised', y.block, ...given, steps, 'T', C);
      } else {
        context.forward('positionsForward', y.block, x.block, table.value, steps, 'T', C);
      }
      const gradients = [x.gradient!, table.gradient!, y.gradient!] as const;
      context.backward(call('positionsBackward', ...gradients, steps, 'N', 'T', C));
      return y;
    },
  };
}
