import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import type { Block } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { recurrentInitializerOptions } from './initializers.ts';
import { KEPT_BYTES } from './kept.ts';
import { call, type Layer, type PlanContext, sequenceOf, type Value, walkedShape } from './layer.ts';
import { batchParameters, batchSteps, planBatch } from './lstm-batch.ts';
import { gatedParameters, generalParameters, isGeneral, LSTM_GATES, planGeneral } from './lstm-general.ts';
import { LSTM_NORMS } from './lstm-norm.ts';
import { cellOptions, recurrent } from './recurrent.ts';
import { candidateDropoutOptions } from './recurrent-dropout.ts';

type Direction = 'forward' | 'reverse';

/** What {@link lstm} may be told. */
export const lstmOptions = {
  ...cellOptions,
  /** The gates see the cell state, too (Gers & Schmidhuber 2000). Default false. */
  peepholes: { is: 'flag', default: false },
  /** Size of the state h, to which a matrix brings the H numbers down; below H (Sak et al. 2014). Default none. */
  projection: { is: 'whole', from: 1, to: 4095, default: null },
  /**
   * `layer`: layer norm of both products and of the cell state that the output sees (Ba et al. 2016); `batch`: batch
   * norm of these, step by step (Cooijmans et al. 2016); `input`: of the input's product alone (Laurent et al. 2015). Default none.
   */
  norm: { is: LSTM_NORMS, default: 'none' },
  /** Steps that have statistics of their own, with norm `batch` alone; later ones go by the last of them; 64 if nothing is said. Default none. */
  normSteps: { is: 'whole', from: 1, to: 4096, default: null },
  ...candidateDropoutOptions,
  /** zoneout of the cell state c; `zoneout` itself is of h. Default 0. */
  zoneoutCell: { is: 'share', default: 0 },
  ...recurrentInitializerOptions,
  /**
   * The forget gate's bias at first: of b a state lasts some e^b steps, so ln T suits what must be kept for T steps
   * (Jozefowicz et al. 2015; Tallec & Ollivier 2018). Default 1.
   */
  forgetBias: { is: 'number', from: -10, to: 10, default: 1 },
} as const;

/** Options of {@link lstm}. */
export interface LstmOptions extends OptionsOf<typeof lstmOptions> {}

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gate): sequence → sequence of H
 * features. Several in a row make a stacked LSTM. Parameters for each direction: weightIH [4H,D],
 * weightHH [4H,H], bias [4H], gates in the order i f g o; the forget gate's bias starts at forgetBias, the others at 0. With peepholes
 * also peepholes [3H] of i f o; with a projection P weightHR [P,H], weightHH is [4H,P], and the layer yields P features.
 * With norm `layer` also gammaIH, gammaHH [4H], gammaC and betaC [H]; the four gates of a product are normalised together,
 * one bias serves both products, and c itself stays as it is. With norm `input` gammaIH, and running meanIH and varianceIH [4H],
 * which training takes over all words of the batch, with threads over each thread's share. Norm `batch` has that, and
 * γ from 0.1, for W_hh·h and c at each step the mean and variance over the texts that reach it, with running ones
 * mean and variance [S,5,H] and seen [S], how far these have come from nothing: padding takes no part, and a step that but one
 * text of a thread's share reaches goes by the running statistics. So do predictions; a step from normSteps on takes those
 * of the last one, a step that training never saw those of the last it saw. Norm `batch` reads forward and goes with no other addition.
 * With any option beyond size, bidirectional and how weights begin the general kernels run, which are slower.
 * @throws UsageError when the size is not a whole number from 1 to 4096, the projection not smaller, or a share
 *   not in [0, 1), or when norm `batch` has something beside it that it does not go with
 * @example
 * lstm({ size: 256, bidirectional: true })
 */
export function lstm(options: LstmOptions = {}): Layer {
  const checked = checkOptions('lstm', lstmOptions, options);
  const {
    size: H,
    bidirectional,
    initializer,
    recurrentInitializer,
    forgetBias,
    normSteps,
    ...additions
  } = checked;
  const beginning = { initializer, recurrentInitializer, forgetBias };
  if (additions.norm === 'batch') {
    const S = batchSteps(checked);
    const cell = { kind: 'lstm', size: H, bidirectional: false };
    const parameters = (D: number) => batchParameters(D, H, S, beginning);
    return {
      kind: 'lstm',
      options: checked,
      ...recurrent({ ...cell, parameters, plan: (one) => planBatch(one, H, S) }),
    };
  }
  if (normSteps !== null) {
    const cause = 'Only there has each step statistics of its own.';
    throw new UsageError('lstm normSteps', {
      expected: "norm 'batch'",
      got: `norm '${additions.norm}'`,
      cause,
    });
  }
  if (isGeneral(additions)) {
    const { projection } = additions;
    if (projection !== null && projection >= H) {
      const expected = `fewer than the ${H} units that are projected`;
      throw new UsageError('lstm projection', { expected, got: String(projection) });
    }
    const parts = recurrent({
      kind: 'lstm',
      size: projection ?? H,
      bidirectional,
      parameters: (D) => generalParameters(D, H, additions, beginning),
      plan: (direction) => planGeneral(direction, H, additions),
    });
    return { kind: 'lstm', options: checked, ...parts };
  }
  const directions = bidirectional ? (['forward', 'reverse'] as const) : (['forward'] as const);
  return {
    kind: 'lstm',
    options: checked,
    output: (input) => walkedShape('lstm', input, directions.length, H),
    parameters(input) {
      const { features: D } = sequenceOf('lstm', input);
      const specs = gatedParameters(D, H, H, beginning);
      return directions.flatMap((direction) =>
        specs.map((spec) => ({ ...spec, name: `${direction}.${spec.name}` })),
      );
    },
    plan(context, input) {
      if (context.mode === 'stream' && bidirectional) {
        throw new UsageError('a bidirectional lstm() cannot stream', {
          cause: 'It reads the text from its end, too. Train with bidirectional: false.',
        });
      }
      const y = context.output(this.output(input.shape), 'N');
      const plan = (direction: Direction, h: Block, dH: Block | undefined, accumulate: 0 | 1) =>
        dH
          ? planTraining(context, input, H, direction, h, dH, accumulate)
          : planPrediction(context, input, H, direction, KEPT_BYTES / directions.length, h);
      if (!bidirectional) {
        plan('forward', y.block, y.gradient, 0);
        return y;
      }
      const [forward, reverse] = directions.map((direction) => ({
        h: context.matrix(`${direction}.h`, 'N', H),
        dH: context.mode === 'train' ? context.matrix(`${direction}.dH`, 'N', H) : undefined,
      }));
      plan('forward', forward.h, forward.dH, 1);
      plan('reverse', reverse.h, reverse.dH, 0);
      context.forward('concatForward', y.block, forward.h, reverse.h, 'N', H, H);
      if (context.mode === 'train') {
        context.backward(call('concatBackward', forward.dH!, reverse.dH!, y.gradient!, 'N', H, H));
      }
      return y;
    },
  };
}

/** Forward alone: of all that a step computes, only h is kept. */
function planPrediction(
  context: PlanContext,
  x: Value,
  H: number,
  direction: Direction,
  keptBytes: number,
  h: Block,
): void {
  const { features: D } = sequenceOf('lstm', x.shape);
  const { steps, bagStart, bagIds } = context.batch;
  const H4 = 4 * stride(H);
  const weightIH = context.parameter(`${direction}.weightIH`);
  const weightHH = context.parameter(`${direction}.weightHH`);
  const bias = context.parameter(`${direction}.bias`);
  const isQuantised = weightIH.scales !== undefined;
  const panelFloats = (C: number) => (isQuantised ? context.quantisedPanels(H4, C) : H4 * C);
  const panelsIH = context.floats(`${direction}.panelsIH`, panelFloats(D));
  const panelsHH = context.floats(`${direction}.panelsHH`, panelFloats(H));
  const biasRow = context.floats(`${direction}.biasRow`, H4);
  const projected = context.matrix(`${direction}.projected`, x.rows, H4);
  const K = x.index ? Math.min(context.tableRows, Math.floor(keptBytes / (4 * H4))) : 0;
  const kept = context.floats(`${direction}.kept`, K * H4);
  const known = context.floats(`${direction}.known`, K);
  const scratch = isQuantised ? context.scratch(context.quantisedScratch(D)) : 0;
  const packed = [panelsIH, panelsHH, biasRow, known] as const;
  const projection = [x.block, panelsIH, biasRow, scratch] as const;

  if (weightIH.scales && weightHH.scales) {
    const weights = [weightIH.value, weightIH.scales, weightHH.value, weightHH.scales] as const;
    context.prepare('lstmPredictPackQuantised', ...packed, ...weights, bias.value, K, D, H);
  } else {
    context.prepare('lstmPredictPack', ...packed, weightIH.value, weightHH.value, bias.value, K, D, H);
  }
  const home = x.index ? context.matrix(`${direction}.home`, 'U', 1) : 0;
  if (x.index) {
    const [input, ...weights] = projection;
    const bags = [bagStart, bagIds] as const;
    const rows = [home, kept, known, projected] as const;
    context.forward('lstmPredictDistinct', ...rows, input, ...bags, ...weights, 'U', K, D, H);
  } else {
    context.forward('lstmPredictProject', projected, ...projection, x.rows, D, H);
  }
  const streams = context.mode === 'stream';
  const c = streams ? context.state('c', H) : context.matrix(`${direction}.c`, 'B', H);
  const z = context.matrix(`${direction}.z`, 'B', 32); // the four gates of eight units
  const q = isQuantised ? context.matrix(`${direction}.q`, 'B', context.quantisedRow(H)) : 0;
  const states = [h, c, streams ? context.state('h', H) : 0, z, q] as const;
  const inputs = [projected, home, x.index ?? 0, steps, panelsHH] as const;
  context.forward('lstmPredict', ...states, ...inputs, 'T', 'B', H, direction === 'reverse' ? 1 : 0);
}

function planTraining(
  context: PlanContext,
  x: Value,
  H: number,
  direction: Direction,
  h: Block,
  dH: Block,
  accumulate: 0 | 1, // the direction whose backward runs second adds to the gradient of x
): void {
  const { features: D } = sequenceOf('lstm', x.shape);
  const { steps } = context.batch;
  const reverse = direction === 'reverse' ? 1 : 0;
  const H4 = 4 * stride(H);
  const weightIH = context.parameter(`${direction}.weightIH`);
  const weightHH = context.parameter(`${direction}.weightHH`);
  const bias = context.parameter(`${direction}.bias`);
  const panelsIH = context.floats(`${direction}.panelsIH`, H4 * D);
  const panelsHH = context.floats(`${direction}.panelsHH`, H4 * H);
  const biasRow = context.floats(`${direction}.biasRow`, H4);
  const c = context.matrix(`${direction}.c`, 'N', H);
  const gates = context.matrix(`${direction}.gates`, 'N', H4);
  const projected = context.matrix(`${direction}.projected`, x.rows, H4);
  const panels = [panelsIH, panelsHH, biasRow] as const;
  const inputs = [projected, x.index ?? 0, steps, 0, 0] as const;
  context.prepare('lstmPack', ...panels, weightIH.value, weightHH.value, bias.value, D, H);
  context.forward('lstmProject', projected, x.block, panelsIH, x.rows, D, H);
  context.forward('lstmForward', h, c, gates, ...inputs, panelsHH, biasRow, 'T', H, reverse);

  const backIH = context.floats(`${direction}.panelsIHBackward`, H4 * stride(D));
  const backHH = context.floats(`${direction}.panelsHHBackward`, H4 * stride(H));
  const previous = c; // of which nobody has need once backward has passed
  const carryH = context.matrix(`${direction}.carryH`, 'B', H);
  const carryC = context.matrix(`${direction}.carryC`, 'B', H);
  const scratch = context.scratch(Math.max(context.weightScratch(D), context.weightScratch(H)));
  // Distinct tokens: gate gradients of equal tokens are summed before the products.
  // They may lie over `projected`, which forward alone needs.
  const dProjected = x.index ? projected : gates;
  context.recurrence({
    name: direction,
    isReverse: direction === 'reverse',
    size: H,
    gateSize: H,
    dStates: dH!,
    gates,
    activations: LSTM_GATES,
  });
  context.prepare('lstmPackBackward', backIH, backHH, weightIH.value, weightHH.value, D, H);
  context.backward(
    call(
      'lstmBackward',
      gates,
      previous,
      carryH,
      carryC,
      dH,
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
    call('gatesBiasGradient', bias.gradient!, dProjected, x.rows, H, 4),
    call('lstmInputGradient', x.gradient!, dProjected, backIH, x.rows, D, H, accumulate),
  );
}
