import { stride } from '../runtime/stride.ts';
import { call, featuresOf, type Parameter, type PlanContext, type Value } from './layer.ts';

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
  const biasRows = bias ? { block: bias.value, offset: from * 4 } : 0;
  if (weight.scales) {
    const rows = { block: weight.value, offset: from * I };
    const scales = { block: weight.scales, offset: from * 4 };
    const panels = context.panels(`${name}panels`, context.quantisedPanels(O, I));
    const scratch = context.scratch(context.quantisedScratch(I));
    context.pack('packQuantised', panels, rows, scales, O, I);
    context.forward('denseForwardQuantised', y.block, x.block, panels, biasRows, scratch, ...sizes);
    return;
  }
  const rows = { block: weight.value, offset: from * I * 4 };
  const panels = context.panels(`${name}panels`, stride(O) * I);
  context.pack('densePack', panels, rows, I, O);
  context.forward('denseForward', y.block, x.block, panels, biasRows, ...sizes);
  if (context.mode !== 'train') return;
  const back = context.panels(`${name}panelsBackward`, stride(I) * O);
  const scratch = context.scratch(context.weightScratch(I));
  const dY = y.gradient!;
  const dRows = { block: weight.gradient!, offset: from * I * 4 };
  context.backward(
    call('denseWeightGradient', dRows, dY, x.block, scratch, ...sizes),
    ...(bias
      ? [call('denseBiasGradient', { block: bias.gradient!, offset: from * 4 }, dY, rowCount, O)]
      : []),
    call('densePackBackward', back, rows, I, O),
    call('denseInputGradient', x.gradient!, dY, back, ...sizes, accumulate ? 1 : 0),
  );
}
