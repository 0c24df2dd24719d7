import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { recurrentInitializerOptions } from './initializers.ts';
import { keptWords } from './kept.ts';
import { call, type Layer } from './layer.ts';
import { batchParameters, batchSteps, planBatch } from './lstm-batch.ts';
import { generalParameters, isGeneral, LSTM_GATES, planGeneral } from './lstm-general.ts';
import { LSTM_NORMS } from './lstm-norm.ts';
import {
  cellOptions,
  type Direction,
  gateGradient,
  gatePanels,
  gatePanelsBackward,
  gateRow,
  projectBackward,
  projectInto,
  recurrent,
  scratchFor,
  showFlow,
} from './recurrent.ts';
import { candidateDropoutOptions } from './recurrent-dropout.ts';

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
 * With norm `layer` also gammaIH, gammaHH [4H], from 0.1, gammaC and betaC [H]; the four gates of a product are normalised together,
 * one bias serves both products, and c itself stays as it is. With norm `input` gammaIH, and running meanIH and varianceIH [4H],
 * which training takes over all words of the batch, with threads over each thread's share. Norm `batch` has that, and
 * γ from 0.1, for W_hh·h and c at each step the mean and variance over the texts that reach it, with running ones
 * mean and variance [S,5,H] and seen [S], how far these have come from nothing: padding takes no part, and a step that but one
 * text of a thread's share reaches goes by the running statistics. So do predictions; a step from normSteps on takes those
 * of the last one, a step that training never saw those of the last it saw. Norm `batch` reads forward and goes with no other addition.
 * From 128 units and eight texts a batch on, training multiplies as Strassen did: an eighth less arithmetic, rounded by the largest
 * numbers of a batch. Bits of a text then depend on the texts beside it; predictions multiply plainly.
 * With any option beyond size, bidirectional and how weights begin the general kernels run, which are slower.
 * @throws UsageError when the size is not a whole number from 1 to 4096, the projection not smaller, or a share
 *   not in [0, 1), or when norm `batch` has something beside it that it does not go with
 * @example
 * lstm({ size: 256, bidirectional: true })
 */
export function lstm(options: LstmOptions = {}): Layer {
  const made = checkOptions('lstm', lstmOptions, options);
  const {
    size: H,
    bidirectional,
    initializer,
    recurrentInitializer,
    forgetBias,
    normSteps,
    ...additions
  } = made.options;
  const beginning = { initializer, recurrentInitializer, forgetBias };
  const { norm, projection } = additions;
  if (norm === 'batch') {
    const S = batchSteps(bidirectional, normSteps, additions);
    return recurrent({
      ...made,
      parameters: (D) => batchParameters(D, H, S, beginning),
      plan: (direction) => planBatch(direction, H, S),
    });
  }
  if (normSteps !== null) {
    throw new UsageError('lstm normSteps', {
      expected: "norm 'batch'",
      got: `norm '${norm}'`,
      cause: 'Only there has each step statistics of its own.',
    });
  }
  if (projection !== null && projection >= H) {
    const expected = `fewer than the ${H} units that are projected`;
    throw new UsageError('lstm projection', { expected, got: String(projection) });
  }
  return recurrent({
    ...made,
    features: projection ?? H,
    parameters: (D) => generalParameters(D, H, additions, beginning),
    plan(direction) {
      if (isGeneral(additions)) planGeneral(direction, H, additions);
      else if (direction.dH) planTraining(direction, H);
      else planPrediction(direction, H, bidirectional ? 2 : 1);
    },
  });
}

/** Forward alone: of all that a step computes, only h is kept. */
function planPrediction(direction: Direction, H: number, directions: number): void {
  const { context, x, D, h, reverse } = direction;
  const { steps, bagStart, bagIds } = context.batch;
  const H4 = 4 * stride(H);
  const [weightIH, weightHH] = ['weightIH', 'weightHH'].map(context.parameter);
  const isQuantised = weightHH.scales !== undefined;
  const panelsIH = gatePanels(direction, 'panelsIH', weightIH, D, H, 4);
  const panelsHH = gatePanels(direction, 'panelsHH', weightHH, H, H, 4);
  const bias = gateRow(direction, 'bias', 4, H);
  const projected = context.matrix('projected', x.rows, H4);
  const home = x.index ? context.matrix('home', 'U', 1) : 0;
  if (x.index) {
    const K = keptWords(context.tableRows, H4, isQuantised, directions);
    const [kept, known] = [context.floats('kept', K * H4), context.floats('known', K)];
    context.prepare('lstmPredictForget', known, K);
    const rows = [home, kept, known, projected, x.block, bagStart, bagIds] as const;
    const scratch = context.scratch(context.kernels.lstmPredictScratch(D));
    const sizes = ['U', K, D, H, isQuantised ? 1 : 0] as const;
    context.forward('lstmPredictDistinct', ...rows, panelsIH, bias, scratch, ...sizes);
  } else {
    const scratch = scratchFor(direction, weightIH, D);
    context.forward('lstmPredictProject', projected, x.block, panelsIH, bias, scratch, x.rows, D, H);
  }
  const streams = context.mode === 'stream';
  const c = streams ? context.state('c', H) : context.matrix('c', 'B', H);
  const z = context.matrix('z', 'B', H4);
  const states = [h, c, streams ? context.state('h', H) : 0, z, scratchFor(direction, weightHH, H)] as const;
  const inputs = [projected, home, x.index ?? 0, steps, panelsHH] as const;
  context.forward('lstmPredict', ...states, ...inputs, 'T', 'B', H, reverse);
}

function planTraining(direction: Direction, H: number): void {
  const { context, x, h, dH, reverse } = direction;
  const { steps } = context.batch;
  const H8 = stride(H);
  const weightHH = context.parameter('weightHH');
  const gates = context.matrix('gates', 'N', 4 * H8);
  const { projected, home } = projectInto(direction, gates, 4, H);
  const panels = gatePanels(direction, 'panelsHH', weightHH, H, H, 4);
  const bias = gateRow(direction, 'bias', 4, H);
  const c = context.matrix('c', 'N', H);
  const sums = (n: number, k: number) =>
    context.isProbed ? 0 : context.scratch(context.kernels.strassenScratch(n, k));
  const read = [projected, x.index ?? 0, home, steps, 0, 0, panels, bias, sums(4 * H8, H)] as const;
  context.forward('lstmForward', h, c, gates, ...read, 'T', H, reverse);

  showFlow(direction, H, gates, LSTM_GATES);
  const back = gatePanelsBackward(direction, 'panelsHH', weightHH, H, H, 4);
  const previous = c; // of which nobody has need once backward has passed
  const carries = ['carryH', 'carryC'].map((name) => context.matrix(name, 'B', H));
  const states = [dH!, h, c, steps, 0, 0, back.panels, sums(H8, 4 * H8)] as const;
  context.backward(
    back.pack,
    call('lstmBackward', gates, previous, ...carries, ...states, 'T', 'B', H, reverse),
    gateGradient(direction, weightHH.gradient!, gates, previous, 'N', H, H, 4),
    ...projectBackward(direction, gates, projected, 4, H, undefined, home),
  );
}
