import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import {
  call,
  constant,
  glorot,
  type Layer,
  type PlanContext,
  sequenceOf,
  spread,
  type Value,
} from './layer.ts';
import { linear } from './linear.ts';

/** What {@link attention} may be told. */
export const attentionOptions = {
  /** Parts of the features that attend each for itself; they must divide the features. Default 4. */
  heads: { is: 'whole', from: 1, to: 64, default: 4 },
} as const;

/** Options of {@link attention}. */
export interface AttentionOptions extends OptionsOf<typeof attentionOptions> {}

/**
 * Multi-head self-attention: each word becomes a mixture of all words of its text, sequence → sequence of the same
 * C features. With d = C/heads, each head computes softmax(q·kᵀ/√d)·v, and their answers side by side go through
 * a last linear map. Parameters, as in PyTorch's MultiheadAttention: weightQKV [3C,C], biasQKV [3C], weightOut
 * [C,C], biasOut [C]. It knows no order of the words: behind an lstm() the states tell it, elsewhere positions().
 * Source: Vaswani et al. 2017.
 * @throws UsageError when heads is not a whole number from 1 to 64, or does not divide the features
 * @example
 * attention({ heads: 4 })
 */
export function attention(options: AttentionOptions = {}): Layer {
  const checked = checkOptions('attention', attentionOptions, options);
  const { heads } = checked;
  return {
    kind: 'attention',
    options: checked,
    output(input) {
      const { features: C } = sequenceOf('attention', input);
      if (C % heads === 0) return { kind: 'sequence', features: C, reverseFrom: C };
      throw new UsageError('attention heads', { expected: `a divisor of ${C} features`, got: String(heads) });
    },
    parameters(input) {
      const { features: C } = sequenceOf('attention', input);
      return [
        // Glorot for each of the three matrices, not for the stack.
        { name: 'weightQKV', shape: [3 * C, C], initial: [{ ...glorot(C, C), count: 3 * C * C }] },
        { name: 'biasQKV', shape: [3 * C], initial: [constant(3 * C, 0)] },
        { name: 'weightOut', shape: [C, C], initial: [glorot(C, C)] },
        { name: 'biasOut', shape: [C], initial: [constant(C, 0)] },
      ];
    },
    plan(context, input) {
      refuseStream(context);
      const x = spread(context, input);
      const { features: C } = sequenceOf('attention', x.shape);
      const own = (weight: string, bias: string) => ({
        weight: context.parameter(weight),
        bias: context.parameter(bias),
      });
      const qkv = context.output({ kind: 'sequence', features: 3 * C, reverseFrom: 3 * C }, 'N');
      linear(context, 'qkv.', qkv, x, own('weightQKV', 'biasQKV'));
      const answers = planHeads(context, qkv, C, heads);
      const y = context.output(this.output(x.shape), 'N');
      linear(context, 'out.', y, answers, own('weightOut', 'biasOut'));
      return y;
    },
  };
}

function planHeads(context: PlanContext, qkv: Value, C: number, heads: number): Value {
  const answers = context.output({ kind: 'sequence', features: C, reverseFrom: C }, 'N');
  const logSums = context.matrix('logSums', 'N', heads);
  const scratch = context.attentionScratch(C / heads);
  const batch = [context.batch.steps, context.batch.lengths, scratch, 'B', C, heads] as const;
  context.forward('attentionForward', answers.block, logSums, qkv.block, ...batch);
  if (context.mode === 'train') {
    context.backward(
      call('attentionBackward', qkv.gradient!, answers.gradient!, logSums, qkv.block, ...batch),
    );
  }
  return answers;
}

/** @throws UsageError when the plan is for a stream */
function refuseStream({ mode }: PlanContext): void {
  if (mode !== 'stream') return;
  throw new UsageError('attention() cannot stream', {
    cause: 'Every word attends to the words behind it, too. Use predict() on the whole text.',
  });
}
