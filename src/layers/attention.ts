import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import {
  call,
  constant,
  featuresOf,
  type Layer,
  linearMaps,
  type PlanContext,
  type Shape,
  sequenceOf,
  spread,
  type Value,
} from './layer.ts';
import { linear } from './linear.ts';

/** What {@link attention} may be told. */
export const attentionOptions = {
  /** Parts of the features that attend each for itself; they must divide the features. Default 4. */
  heads: { is: 'whole', from: 1, to: 64, default: 4 },
  /** Who asks: `each` word for itself, or all for their `mean`, one vector a text. Default each. */
  query: { is: ['each', 'mean'], default: 'each' },
} as const;

/** Options of {@link attention}. */
export interface AttentionOptions extends OptionsOf<typeof attentionOptions> {}

/**
 * Multi-head self-attention: each word becomes a mixture of all words of its text, sequence → sequence of the same
 * C features. With d = C/heads, each head computes softmax(q·kᵀ/√d)·v, and their answers side by side go through
 * a last linear map. Parameters, as in PyTorch's MultiheadAttention: weightQKV [3C,C], biasQKV [3C], weightOut
 * [C,C], biasOut [C]. It knows no order of the words: behind an lstm() the states tell it. With query `mean` it is
 * the same followed by pool({ over: 'mean' }), sequence → vector, at less than half of the cost.
 * Source: Vaswani et al. 2017.
 * @throws UsageError when heads is not a whole number from 1 to 64, or does not divide the features
 * @example
 * attention({ heads: 4 })
 */
export function attention(options: AttentionOptions = {}): Layer {
  const checked = checkOptions('attention', attentionOptions, options);
  const { heads, query } = checked;
  return {
    kind: 'attention',
    options: checked,
    output(input) {
      const { features: C } = sequenceOf('attention', input);
      if (C % heads !== 0) {
        throw new UsageError('attention heads', {
          expected: `a divisor of ${C} features`,
          got: String(heads),
        });
      }
      return query === 'mean' ? vector(C) : sequence(C);
    },
    parameters(input) {
      const { features: C } = sequenceOf('attention', input);
      return [
        // Glorot for each of the three matrices, not for the stack.
        linearMaps('weightQKV', C, C, 3),
        { name: 'biasQKV', shape: [3 * C], initial: [constant(3 * C, 0)] },
        linearMaps('weightOut', C, C),
        { name: 'biasOut', shape: [C], initial: [constant(C, 0)] },
      ];
    },
    plan(context, input) {
      refuseStream(context);
      const x = spread(context, input);
      const answers = query === 'mean' ? planMean(context, x, heads) : planEach(context, x, heads);
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
  const scratch = context.textScratch('attentionScratch', C / heads);
  const { steps, lengths } = context.batch;
  const batch = [qkv.block, steps, lengths, scratch, 'B', C, heads] as const;
  context.forward('attentionForward', answers.block, logSums, ...batch);
  if (context.mode === 'train') {
    context.backward(call('attentionBackward', qkv.gradient!, answers.gradient!, logSums, ...batch));
  }
  return answers;
}

/**
 * The mean of what the words are answered, [B,C8]. Mixing comes first, values after it: those of B rows, not of N. Each
 * head's mixture goes through the whole map and keeps its own features: heads times the work, and still next to nothing.
 */
function planMean(context: PlanContext, x: Value, heads: number): Value {
  const train = context.mode === 'train';
  const C = featuresOf('attention', x.shape);
  const { steps, lengths } = context.batch;
  const qk = context.output(sequence(2 * C), 'N');
  linear(context, 'qk.', qk, x, { ...own(context, 'QKV'), accumulate: true }); // to what mixing gives x

  const weights = context.output(sequence(heads), 'N');
  context.showWeights(weights.block, heads);
  const logSums = context.matrix('logSums', 'N', heads);
  const scratch = context.textScratch('attentionMeanScratch', C / heads);
  const batch = [qk.block, steps, lengths, scratch, 'B', C, heads] as const;
  context.forward('attentionMeanForward', weights.block, logSums, ...batch);
  if (train) {
    context.backward(call('attentionMeanBackward', qk.gradient!, weights.gradient!, logSums, ...batch));
  }

  const ofHeads = (name: string): Value => ({
    shape: vector(C),
    rows: 'B',
    block: context.matrix(name, 'B', heads * stride(C)),
    ...(train && { gradient: context.matrix(`d ${name}`, 'B', heads * stride(C)) }),
  });
  const mixtures = ofHeads('mixtures');
  const given = [x.block, weights.block, steps, 'T'] as const;
  context.forward('mixForward', mixtures.block, ...given, 'B', C, heads);
  if (train) {
    const gradients = [x.gradient!, weights.gradient!, mixtures.gradient!] as const;
    context.backward(call('mixBackward', ...gradients, ...given, C, heads));
  }

  const values = ofHeads('values');
  linear(context, 'values.', values, mixtures, { ...own(context, 'QKV'), from: 2 * C, times: heads });
  const answers = context.output(vector(C), 'B');
  context.forward('ownHeadForward', answers.block, values.block, 'B', C, heads);
  if (train) context.backward(call('ownHeadBackward', values.gradient!, answers.gradient!, 'B', C, heads));
  return answers;
}

function own(context: PlanContext, name: 'QKV' | 'Out') {
  return { weight: context.parameter(`weight${name}`), bias: context.parameter(`bias${name}`) };
}

const sequence = (features: number): Shape => ({ kind: 'sequence', features, reverseFrom: features });
const vector = (features: number): Shape => ({ kind: 'vector', features });

/** @throws UsageError when the plan is for a stream */
function refuseStream({ mode }: PlanContext): void {
  if (mode !== 'stream') return;
  throw new UsageError('attention() cannot stream', {
    cause: 'Every word attends to the words behind it, too. Use predict() on the whole text.',
  });
}
