import { stride } from '../runtime/stride.ts';
import {
  at,
  call,
  featuresOf,
  type Parameter,
  type PlanContext,
  quantisedPanels,
  quantisedScratch,
  type Value,
  weightScratch,
} from './layer.ts';

/** The matrix and the bias of a linear map, or some of their rows, and what it is applied to. */
export interface LinearParameters {
  /** [O,I] */
  readonly weight: Parameter;
  /** [O]; none by default. */
  readonly bias?: Parameter;
  /** Those from `from` on, as many as the output has features; all by default. */
  readonly from?: number;
  /** Vectors that each row of x and y holds one behind the other. Default 1. */
  readonly times?: number;
  /** Whether the gradient of x is added to what backward has put there before. Default false. */
  readonly accumulate?: boolean;
}

/**
 * Plans y = W·x + b of each row, or W·x: f32 or int8, forward and, in training, backward.
 * @param name sets its blocks apart from those of the layer's other maps
 */
export function linear(
  context: PlanContext,
  name: string,
  y: Value,
  x: Value,
  { weight, bias, from = 0, times = 1, accumulate = false }: LinearParameters,
): void {
  const I = featuresOf('linear', x.shape);
  const O = featuresOf('linear', y.shape);
  const rowCount = times === 1 ? x.rows : { dimension: x.rows, times };
  const sizes = [rowCount, I, O] as const;
  const biasRows = bias ? at(bias.value, from * 4) : 0;
  if (weight.scales) {
    const panels = context.panels(`${name}panels`, quantisedPanels(context, O, I));
    context.pack('packQuantised', panels, at(weight.value, from * I), at(weight.scales, from * 4), O, I);
    const scratch = quantisedScratch(context, I);
    context.forward('denseForwardQuantised', y.block, x.block, panels, biasRows, scratch, ...sizes);
    return;
  }
  const first = from * I * 4;
  const rows = at(weight.value, first);
  const panels = context.panels(`${name}panels`, stride(O) * I);
  context.pack('densePack', panels, rows, I, O);
  context.forward('denseForward', y.block, x.block, panels, biasRows, ...sizes);
  if (context.mode !== 'train') return;
  const back = context.panels(`${name}panelsBackward`, stride(I) * O);
  const dY = y.gradient!;
  context.backward(
    call(
      'denseWeightGradient',
      at(weight.gradient!, first),
      dY,
      x.block,
      weightScratch(context, I),
      ...sizes,
    ),
    ...(bias ? [call('denseBiasGradient', at(bias.gradient!, from * 4), dY, rowCount, O)] : []),
    call('densePackBackward', back, rows, I, O),
    call('denseInputGradient', x.gradient!, dY, back, ...sizes, accumulate ? 1 : 0),
  );
}
