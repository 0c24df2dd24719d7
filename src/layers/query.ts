import { stride } from '../runtime/stride.ts';
import { call, type ParameterSpec, type PlanContext, sequenceOf, type Value, vector } from './layer.ts';

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
