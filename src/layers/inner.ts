import { stride } from '../runtime/stride.ts';
import {
  call,
  featuresOf,
  type Layer,
  type ParameterSpec,
  type PlanContext,
  type Shape,
  type Value,
} from './layer.ts';

/** Layers that stand in a row inside another, by the names that their parameters have there. */
export type InnerLayers = Readonly<Record<string, Layer>>;

/** Their parameters, the names of each behind its own. */
export function innerParameters(layers: InnerLayers, input: Shape): ParameterSpec[] {
  let shape = input;
  return Object.entries(layers).flatMap(([name, layer]) => {
    const specs = layer.parameters(shape, 0).map((spec) => ({ ...spec, name: `${name}.${spec.name}` }));
    shape = layer.output(shape);
    return specs;
  });
}

/** From one layer's stream of random numbers to those of the layers inside it, more than there are layers. */
const STREAMS = 1000;

/**
 * Plans a branch of layers and what goes round it: y = x + f(x).
 * @param first number of the branch's first layer among all inside
 */
export function residual(context: PlanContext, layers: InnerLayers, first: number, x: Value): Value {
  const count = { dimension: x.rows, times: stride(featuresOf('residual', x.shape)) };
  const y = context.output(x.shape, x.rows);
  context.backward(call('residualBackward', x.gradient!, y.gradient!, count));
  const f = Object.entries(layers).reduce(
    (value, [name, layer], i) =>
      layer.plan(context.within(name, context.stream + STREAMS * (first + i + 1)), value),
    x,
  );
  context.forward('residualForward', y.block, x.block, f.block, count);
  context.backward(call('residualEnter', f.gradient!, y.gradient!, count));
  return y;
}
