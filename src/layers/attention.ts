import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import {
  call,
  featuresOf,
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
import { type LinearParameters, linear } from './linear.ts';
import { learnedQuery, planLast, planMixture, planWeights, type Query, queryOf } from './query.ts';

/** What {@link attention} may be told. */
export const attentionOptions = {
  /** Parts of the features that attend each for itself; they must divide the features. Default 4. */
  heads: { is: 'whole', from: 1, to: 64, default: 4 },
  /**
   * Who asks: `each` word for itself; or one vector a text, for which all ask in the `mean`, or a `learned` query, or the
   * state after the `last` word. Default each.
   */
  query: { is: ['each', 'mean', 'learned', 'last'], default: 'each' },
} as const;

/** Options of {@link attention}. */
export interface AttentionOptions extends OptionsOf<typeof attentionOptions> {}

/**
 * Multi-head self-attention: each word becomes a mixture of all words of its text, sequence → sequence of the same
 * C features. With d = C/heads, each head computes softmax(q·kᵀ/√d)·v, and their answers side by side go through
 * a last linear map. Parameters, as in PyTorch's MultiheadAttention: weightQKV [3C,C], biasQKV [3C], weightOut
 * [C,C], biasOut [C]. It knows no order of the words: behind an lstm() the states tell it. With query `mean` it is
 * the same followed by pool({ over: 'mean' }), sequence → vector, at less than half of the cost.
 * With one query, `learned` or made of the `last` state, it pools: sequence → vector; a learned one stands for its product, so that
 * the parameters are query [C], weightKV [2C,C] and biasKV [2C] in the place of weightQKV and biasQKV. But for query `each`,
 * attentionWeights() shows the mean of the heads' weights.
 * Source: Vaswani et al. 2017; pooling by a learned query: Lee et al. 2019.
 * @throws UsageError when heads is not a whole number from 1 to 64, or does not divide the features
 * @example
 * attention({ heads: 4 })
 */
export function attention(options: AttentionOptions = {}): Layer {
  const made = checkOptions('attention', attentionOptions, options);
  const { heads, query } = made.options;
  return {
    ...made,
    output(input) {
      const { features: C } = sequenceOf(made.kind, input);
      if (C % heads !== 0) {
        throw new UsageError('attention heads', {
          expected: `a divisor of ${C} features`,
          got: String(heads),
        });
      }
      return query === 'each' ? sequence(C) : vector(C);
    },
    parameters(input) {
      const { features: C } = sequenceOf(made.kind, input);
      return [
        // Glorot for each of the matrices, not for the stack.
        ...(query === 'learned'
          ? [queryOf(C), linearMaps('weightKV', C, C, 2), filled('biasKV', [2 * C])]
          : [linearMaps('weightQKV', C, C, 3), filled('biasQKV', [3 * C])]),
        linearMaps('weightOut', C, C),
        filled('biasOut', [C]),
      ];
    },
    plan(context, input) {
      const cause = 'Every word attends to the words behind it, too. Use predict() on the whole text.';
      refuseStream(context, made.kind, cause);
      const x = spread(context, input);
      const answers = ANSWERS[query](context, x, heads);
      const y = context.output(answers.shape, answers.rows);
      linear(context, 'out.', y, answers, own(context, 'Out'));
      return y;
    },
  };
}

/** What each word is answered: o [N,C8]. */
function planEach(context: PlanContext, x: Value, heads: number): Value {
  const C = featuresOf('attention', x.shape);
  const qkv = context.output(sequence(3 * C), 'N');
  linear(context, 'qkv.', qkv, x, own(context, 'QKV'));
  const answers = context.output(sequence(C), 'N');
  const logSums = context.matrix('logSums', 'N', heads);
  const scratch = context.scratch(context.kernels.attentionScratch(context.maxRows, C / heads));
  const { steps, lengths } = context.batch;
  const batch = [qkv.block, steps, lengths, scratch, 'B', C, heads] as const;
  context.forward('attentionForward', answers.block, logSums, ...batch);
  context.backward(call('attentionBackward', qkv.gradient!, answers.gradient!, logSums, ...batch));
  return answers;
}

/** The mean of what the words are answered, [B,C8]. */
function planMean(context: PlanContext, x: Value, heads: number): Value {
  const C = featuresOf('attention', x.shape);
  const { steps, lengths } = context.batch;
  const qk = context.output(sequence(2 * C), 'N');
  linear(context, 'qk.', qk, x, { ...own(context, 'QKV'), accumulate: true }); // to what mixing gives x

  const weights = context.output(sequence(heads), 'N');
  context.showWeights(weights.block, heads);
  const logSums = context.matrix('logSums', 'N', heads);
  const scratch = context.scratch(context.kernels.attentionMeanScratch(context.maxRows, C / heads));
  const batch = [qk.block, steps, lengths, scratch, 'B', C, heads] as const;
  context.forward('attentionMeanForward', weights.block, logSums, ...batch);
  context.backward(call('attentionMeanBackward', qk.gradient!, weights.gradient!, logSums, ...batch));
  return planMixtures(context, x, weights, heads, { ...own(context, 'QKV'), from: 2 * C });
}

/** What a text's one query is answered, [B,C8]: a query that is learnt. */
function planLearned(context: PlanContext, x: Value, heads: number): Value {
  return planAnswers(context, x, heads, learnedQuery(context), own(context, 'KV'), 0);
}

/** The same, the query made of the state after the last word. */
function planOfLast(context: PlanContext, x: Value, heads: number): Value {
  const C = featuresOf('attention', x.shape);
  const last = planLast(context, x);
  const q = context.output(vector(C), 'B');
  const maps = own(context, 'QKV');
  linear(context, 'q.', q, last, maps);
  return planAnswers(context, x, heads, { ...q, each: 1 }, maps, C);
}

/** @param from the first row of the keys' map; that of the values is behind it */
function planAnswers(
  context: PlanContext,
  x: Value,
  heads: number,
  query: Query,
  maps: LinearParameters,
  from: number,
): Value {
  const C = featuresOf('attention', x.shape);
  const keys = context.output(sequence(C), 'N');
  linear(context, 'keys.', keys, x, { ...maps, from, accumulate: true }); // to what mixing gives x
  const weights = planWeights(context, keys, query, heads, 1 / Math.sqrt(C / heads), false);
  return planMixtures(context, x, weights, heads, { ...maps, from: from + C });
}

/**
 * Words mixed by weights, then their values, [B,C8]: those of B rows, not of N. Each head's mixture goes through the whole
 * map and keeps its own features: heads times the work, and still next to nothing.
 */
function planMixtures(
  context: PlanContext,
  x: Value,
  weights: Value,
  heads: number,
  ofValues: LinearParameters,
): Value {
  const C = featuresOf('attention', x.shape);
  const ofHeads = (name: string): Value => ({
    shape: vector(C),
    rows: 'B',
    block: context.matrix(name, 'B', heads * stride(C)),
    ...(context.mode === 'train' && { gradient: context.matrix(`d ${name}`, 'B', heads * stride(C)) }),
  });
  const mixtures = ofHeads('mixtures');
  planMixture(context, mixtures, x, weights, heads);
  const values = ofHeads('values');
  linear(context, 'values.', values, mixtures, { ...ofValues, times: heads });
  const answers = context.output(vector(C), 'B');
  context.forward('ownHeadForward', answers.block, values.block, 'B', C, heads);
  context.backward(call('ownHeadBackward', values.gradient!, answers.gradient!, 'B', C, heads));
  return answers;
}

/** How a text is answered, by who asks. */
const ANSWERS = { each: planEach, mean: planMean, learned: planLearned, last: planOfLast } as const;

function own(context: PlanContext, name: 'QKV' | 'KV' | 'Out') {
  return { weight: context.parameter(`weight${name}`), bias: context.parameter(`bias${name}`) };
}
