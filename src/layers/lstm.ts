import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import type { Block } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import {
  call,
  constant,
  glorot,
  type Layer,
  type ParameterSpec,
  type PlanContext,
  quantisedPanels,
  sequenceOf,
  type Value,
} from './layer.ts';

/** What {@link lstm} may be told. */
export const lstmOptions = {
  /** Hidden size of each direction (H). Default 64. */
  size: { is: 'whole', from: 1, to: 4096, default: 64 },
  /** Reads the text backward too, and yields both states: 2·H features. Default false. */
  bidirectional: { is: 'flag', default: false },
} as const;

/** Options of {@link lstm}. */
export interface LstmOptions extends OptionsOf<typeof lstmOptions> {}

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gate): sequence → sequence of H
 * features. Several in a row make a stacked LSTM. Parameters for each direction: weightIH [4H,D],
 * weightHH [4H,H], bias [4H], gates in the order i f g o; the forget gate's bias starts at 1.
 * @throws UsageError when the size is not a whole number from 1 to 4096
 * @example
 * lstm({ size: 256, bidirectional: true })
 */
export function lstm(options: LstmOptions = {}): Layer {
  const checked = checkOptions('lstm', lstmOptions, options);
  const { size: H, bidirectional } = checked;
  const directions = bidirectional ? (['forward', 'reverse'] as const) : (['forward'] as const);
  return {
    kind: 'lstm',
    options: checked,
    output(input) {
      sequenceOf('lstm', input);
      return { kind: 'sequence', features: directions.length * H, reverseFrom: H };
    },
    parameters(input) {
      const { features: D } = sequenceOf('lstm', input);
      return directions.flatMap((direction) => directionParameters(direction, D, H));
    },
    plan(context, input) {
      if (context.mode === 'stream' && bidirectional) {
        throw new UsageError('a bidirectional lstm() cannot stream', {
          cause: 'It reads the text from its end, too. Train with bidirectional: false.',
        });
      }
      const y = context.output(this.output(input.shape), 'N');
      if (!bidirectional) {
        planDirection(context, input, H, 'forward', y.block, y.gradient, 0);
        return y;
      }
      const [forward, reverse] = directions.map((direction) => ({
        h: context.matrix(`${direction}.h`, 'N', H),
        dH: context.mode === 'train' ? context.matrix(`${direction}.dH`, 'N', H) : undefined,
      }));
      planDirection(context, input, H, 'forward', forward.h, forward.dH, 1);
      planDirection(context, input, H, 'reverse', reverse.h, reverse.dH, 0);
      context.forward('concatForward', y.block, forward.h, reverse.h, 'N', H, H);
      if (context.mode === 'train') {
        context.backward(call('concatBackward', forward.dH!, reverse.dH!, y.gradient!, 'N', H, H));
      }
      return y;
    },
  };
}

function directionParameters(direction: string, D: number, H: number): ParameterSpec[] {
  // Glorot for each gate's own matrix [H,D] and [H,H], not for the four stacked.
  const uniform = (columns: number) => ({ ...glorot(columns, H), count: 4 * H * columns });
  return [
    { name: `${direction}.weightIH`, shape: [4 * H, D], initial: [uniform(D)] },
    { name: `${direction}.weightHH`, shape: [4 * H, H], initial: [uniform(H)] },
    // Forget bias 1: Jozefowicz et al. 2015.
    { name: `${direction}.bias`, shape: [4 * H], initial: [constant(4 * H, 0), constant(H, 1, H)] },
  ];
}

function planDirection(
  context: PlanContext,
  x: Value,
  H: number,
  direction: 'forward' | 'reverse',
  h: Block,
  dH: Block | undefined,
  accumulate: 0 | 1, // the direction whose backward runs second adds to the gradient of x
): void {
  const { features: D } = sequenceOf('lstm', x.shape);
  const { steps } = context.batch;
  const reverse = direction === 'reverse' ? 1 : 0;
  const H4 = 4 * stride(H);
  const weightIH = context.parameter(`${direction}.weightIH`);
  const weightHH = context.parameter(`${direction}.weightHH`);
  const bias = context.parameter(`${direction}.bias`);
  const panelFloats = (C: number) => (weightIH.scales ? quantisedPanels(H4, C) : H4 * C);
  const panelsIH = context.floats(`${direction}.panelsIH`, panelFloats(D));
  const panelsHH = context.floats(`${direction}.panelsHH`, panelFloats(H));
  const biasRow = context.floats(`${direction}.biasRow`, H4);
  const c = context.matrix(`${direction}.c`, 'N', H);
  const gates = context.matrix(`${direction}.gates`, 'N', H4);
  const projected = context.matrix(`${direction}.projected`, x.rows, H4);
  const index = x.index ?? 0;
  const streams = context.mode === 'stream';
  const h0 = streams ? context.state('h', H) : 0;
  const c0 = streams ? context.state('c', H) : 0;

  const packed = [panelsIH, panelsHH, biasRow] as const;
  const activations = [h, c, gates, projected, index, steps, h0, c0] as const;
  const sizes = ['T', H, reverse] as const;
  if (weightIH.scales && weightHH.scales) {
    const scratch = context.scratch(Math.max(context.quantisedScratch(D), context.quantisedScratch(H)));
    const weights = [weightIH.value, weightIH.scales, weightHH.value, weightHH.scales] as const;
    context.prepare('lstmPackQuantised', ...packed, ...weights, bias.value, D, H);
    context.forward('lstmProjectQuantised', projected, x.block, panelsIH, scratch, x.rows, D, H);
    context.forward('lstmForwardQuantised', ...activations, panelsHH, scratch, biasRow, ...sizes);
  } else {
    context.prepare('lstmPack', ...packed, weightIH.value, weightHH.value, bias.value, D, H);
    context.forward('lstmProject', projected, x.block, panelsIH, x.rows, D, H);
    context.forward('lstmForward', ...activations, panelsHH, biasRow, ...sizes);
  }
  if (streams) context.forward('lstmLast', h0, c0, h, c, steps, 'T', H);
  if (context.mode !== 'train') return;

  const backIH = context.floats(`${direction}.panelsIHBackward`, H4 * stride(D));
  const backHH = context.floats(`${direction}.panelsHHBackward`, H4 * stride(H));
  const previous = context.matrix(`${direction}.previous`, 'N', H);
  const carryH = context.matrix(`${direction}.carryH`, 'B', H);
  const carryC = context.matrix(`${direction}.carryC`, 'B', H);
  const scratch = context.scratch(Math.max(context.weightScratch(D), context.weightScratch(H)));
  // Distinct tokens: gate gradients of equal tokens are summed before the products.
  // They may lie over `projected`, which forward alone needs.
  const dProjected = x.index ? projected : gates;
  context.prepare('lstmPackBackward', backIH, backHH, weightIH.value, weightHH.value, D, H);
  context.backward(
    call(
      'lstmBackward',
      gates,
      previous,
      carryH,
      carryC,
      dH!,
      h,
      c,
      steps,
      0,
      0,
      backHH,
      'T',
      'B',
      H,
      reverse,
    ),
    ...(x.index ? [call('gatherBackward', dProjected, gates, x.index, 'N', 'U', H4)] : []),
    call('lstmWeightGradient', weightIH.gradient!, dProjected, x.block, scratch, x.rows, D, H),
    call('lstmWeightGradient', weightHH.gradient!, gates, previous, scratch, 'N', H, H),
    call('lstmBiasGradient', bias.gradient!, dProjected, x.rows, H),
    call('lstmInputGradient', x.gradient!, dProjected, backIH, x.rows, D, H, accumulate),
  );
}
