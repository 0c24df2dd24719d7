import type { Block } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import {
  call,
  featuresOf,
  type ParameterSpec,
  type PlanContext,
  sequence,
  sequenceOf,
  type Value,
  vector,
} from './layer.ts';

/** The state after the last word, of each direction: [B,C8]. */
export function planLast(context: PlanContext, x: Value): Value {
  const { features: C, reverseFrom } = sequenceOf('query', x.shape);
  const sizes = [context.batch.steps, 'T', 'B', C, reverseFrom] as const;
  const last = context.output(vector(C), 'B');
  context.forward('poolLastForward', last.block, x.block, ...sizes);
  if (context.mode === 'train') {
    const own = context.matrix('d last', 'N', C);
    context.backward(
      call('poolLastBackward', own, last.gradient!, ...sizes),
      call('residualBackward', x.gradient!, own, { dimension: 'N', times: stride(C) }),
    );
  }
  return last;
}

/** A learnt query, of unit length on average. */
export function queryOf(size: number): ParameterSpec {
  const limit = Math.sqrt(3 / size);
  return { name: 'query', shape: [size], initial: [{ from: 0, count: size, low: -limit, high: limit }] };
}

/** What asks the words: one vector, or one for each text, and the gradient of that. */
export interface Query {
  readonly block: Block;
  readonly gradient?: Block;
  readonly each: 0 | 1;
}

/** A query that the layer learns. */
export function learnedQuery(context: PlanContext): Query {
  const { value, gradient } = context.parameter('query');
  return { block: value, ...(gradient && { gradient }), each: 0 };
}

/**
 * What the words weigh by a query: each head scores its part of the keys, and its scores become weights by a softmax over the
 * words of the text, [N,stride(heads)].
 * @param scale of the scores
 * @param accumulate whether the gradient of the keys is added to what is there
 */
export function planWeights(
  context: PlanContext,
  keys: Value,
  query: Query,
  heads: number,
  scale: number,
  accumulate: boolean,
): Value {
  const C = featuresOf('query', keys.shape);
  const { steps, lengths } = context.batch;
  const scores = context.output(sequence(heads), 'N');
  const weights = context.output(sequence(heads), 'N');
  context.showWeights(weights.block, heads);
  const scratch = context.scratch(context.kernels.weighScratch(context.maxRows, 1));
  const given = [query.block, keys.block, steps, 'T'] as const;
  const sizes = [C, heads, query.each, scale] as const;
  const weighed = [steps, lengths, scratch, 'N', 'B', heads] as const;
  context.forward('scoreForward', scores.block, ...given, ...sizes);
  context.forward('weighForward', weights.block, scores.block, ...weighed);
  const gradients = [keys.gradient!, query.gradient!, scores.gradient!] as const;
  context.backward(
    call('weighBackward', scores.gradient!, weights.gradient!, weights.block, ...weighed),
    call('scoreBackward', ...gradients, ...given, 'B', ...sizes, accumulate ? 1 : 0),
  );
  return weights;
}

/** Words mixed by the weights of each head, [B,heads·C8]. */
export function planMixture(context: PlanContext, y: Value, x: Value, weights: Value, heads: number): void {
  const C = featuresOf('query', x.shape);
  const given = [x.block, weights.block, context.batch.steps, 'T'] as const;
  context.forward('mixForward', y.block, ...given, 'B', C, heads);
  const gradients = [x.gradient!, weights.gradient!, y.gradient!] as const;
  context.backward(call('mixBackward', ...gradients, ...given, C, heads));
}
