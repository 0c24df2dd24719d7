import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import {
  call,
  filled,
  type Layer,
  linearMaps,
  type PlanContext,
  refuseStream,
  sequence,
  sequenceOf,
  spread,
  type Value,
  vector,
} from './layer.ts';
import { linear } from './linear.ts';
import { learnedQuery, planLast, planMixture, planWeights, queryOf } from './query.ts';

/** What {@link attentionPool} may be told. */
export const attentionPoolOptions = {
  /** How a word x is scored against the query q; see there. Default additive. */
  score: { is: ['additive', 'dot', 'general'], default: 'additive' },
  /** What asks: a `learned` vector, or the state after the `last` word. Default learned. */
  query: { is: ['learned', 'last'], default: 'learned' },
  /** Units of the additive score (A); where it is not given, as many as features. Default none. */
  size: { is: 'whole', from: 1, to: 65_536, default: null },
} as const;

/** Options of {@link attentionPool}. */
export interface AttentionPoolOptions extends OptionsOf<typeof attentionPoolOptions> {}

/**
 * One vector a text, its words weighed by how they answer a query: sequence → vector of the same C features,
 * y = Σ_t w_t·x_t, w = softmax over the words of
 *
 * - `additive`: v·tanh(W·x_t + b), or with the last state v·tanh(W·x_t + U·q + b): weight [A,C], bias [A],
 *   query [A] (v), weightQuery [A,C] (U). Source: Bahdanau et al. 2015; learned: Yang et al. 2016.
 * - `dot`: q·x_t, q the last state or query [C]. Source: Luong et al. 2015.
 * - `general`: (W·q)·x_t, q the last state: weightQuery [C,C]. Source: Luong et al. 2015.
 *
 * attentionWeights() shows w. @throws UsageError for `general` with a learned query, which `dot` already is, and for a
 * size that no additive score needs
 * @example
 * attentionPool({ score: 'additive', size: 64 })
 */
export function attentionPool(options: AttentionPoolOptions = {}): Layer {
  const made = checkOptions('attentionPool', attentionPoolOptions, options);
  const { score, query, size } = made.options;
  if (score === 'general' && query === 'learned') {
    throw new UsageError('attentionPool score', {
      expected: "'dot' for a learned query",
      got: '"general"',
      cause: 'A matrix times a learned vector is just another learned vector.',
    });
  }
  if (score !== 'additive' && size !== null) {
    throw new UsageError('attentionPool size', {
      expected: `nothing beside the score '${score}'`,
      got: String(size),
      cause: 'Only the additive score has units of its own.',
    });
  }
  return {
    ...made,
    output: (input) => vector(sequenceOf(made.kind, input).features),
    parameters(input) {
      const { features: C } = sequenceOf(made.kind, input);
      const A = size ?? C;
      const ofQuery = (O: number) => linearMaps('weightQuery', O, C);
      if (score === 'general') return [ofQuery(C)];
      if (score === 'dot') return query === 'last' ? [] : [queryOf(C)];
      const ofWords = [linearMaps('weight', A, C), filled('bias', [A]), queryOf(A)];
      return query === 'last' ? [...ofWords, ofQuery(A)] : ofWords;
    },
    plan(context, input) {
      const cause = 'It weighs every word against all others. Use predict() on the whole text.';
      refuseStream(context, made.kind, cause);
      const x = spread(context, input);
      const { features: C } = sequenceOf(made.kind, x.shape);
      // Mixing comes last, so its gradient of x is the first: all others add to it.
      const last = query === 'last' ? planLast(context, x) : undefined;
      const scored = score === 'additive' ? planUnits(context, x, size ?? C, last) : x;
      const asked = score === 'general' ? planQuery(context, last!, C) : last;
      const own = asked && score !== 'additive' ? ({ ...asked, each: 1 } as const) : learnedQuery(context);
      const weights = planWeights(context, scored, own, 1, 1, scored === x);
      const y = context.output(this.output(x.shape), 'B');
      planMixture(context, y, x, weights, 1);
      return y;
    },
  };
}

/** U·q: [B,O8]. */
function planQuery(context: PlanContext, last: Value, O: number): Value {
  const q = context.output(vector(O), 'B');
  linear(context, 'query.', q, last, { weight: context.parameter('weightQuery') });
  return q;
}

/** What the additive score makes of each word: tanh(W·x + b), or with a query tanh(W·x + b + U·q): [N,A8]. */
function planUnits(context: PlanContext, x: Value, A: number, last: Value | undefined): Value {
  const { steps } = context.batch;
  const u = context.output(sequence(A), 'N');
  const [weight, bias] = [context.parameter('weight'), context.parameter('bias')];
  linear(context, '', u, x, { weight, bias, accumulate: true });
  if (last) {
    const told = planQuery(context, last, A);
    context.forward('tellForward', u.block, told.block, steps, 'T', A);
    context.backward(call('tellBackward', told.gradient!, u.gradient!, steps, 'T', 'B', A));
  }
  const count = { dimension: 'N', times: stride(A) } as const;
  context.forward('tanhForward', u.block, u.block, count);
  context.backward(call('tanhBackward', u.gradient!, u.gradient!, u.block, count));
  return u;
}
