import { dealerFor } from '../data/deal.ts';
import { networkSpec } from '../model/config.ts';
import type { Model } from '../model/model.ts';
import { networkOf } from '../model/network.ts';
import { planNetwork } from '../model/network-plan.ts';
import { encodeInputs, inputsOf } from '../model/rows.ts';
import { type Labelled, labelled, type Row } from '../model/targets.ts';
import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { encoderOf } from '../text/encoder.ts';
import { batchesOf } from '../train/batches.ts';
import { lossHead, plainObjective } from '../train/objective.ts';
import { shareOf } from '../train/share.ts';
import { type LayerFlow, probeOf, type RecurrenceProbe } from './recurrence-probe.ts';

/** What {@link gradientFlow} may be told. */
export const gradientFlowOptions = {
  /** Rows whose mean loss a gradient is taken of. Default 32. */
  batchSize: { is: 'whole', from: 1, to: 65_536, default: 32 },
  /** The global norm whose crossings are counted. Default 1. */
  clipNorm: { is: 'positive', default: 1 },
} as const;

/** Options of {@link gradientFlow}. */
export interface GradientFlowOptions extends OptionsOf<typeof gradientFlowOptions> {}

/** How gradients flow back through a model. */
export interface GradientFlow {
  /** Rows looked at. */
  readonly rows: number;
  /** The global norm of a batch's gradient, as clipNorm would see it: mean over the batches, and the largest. */
  readonly gradientNorm: { readonly mean: number; readonly largest: number };
  /** Share of the batches whose norm is above clipNorm: these a training would clip. */
  readonly clipped: number;
  /** Each direction of each recurrent layer, from the words to the label. */
  readonly layers: readonly LayerFlow[];
}

/**
 * Shows whether the gradient of the loss reaches the first words of a text, vanishes on the way, or explodes:
 * ‖∂L/∂h_t‖ of every recurrent layer, the saturation of its gates, and how often clipping would act. The rows are run
 * as training runs them, dropout included; nothing is learnt.
 * Source: Bengio et al. 1994; Pascanu et al. 2013.
 * @param rows labelled texts
 * @throws UsageError when the model is not trained, quantised or without a recurrent layer; DataError when a row is wrong
 * @example
 * const { layers } = gradientFlow(model, rows);
 * layers[0].norms // [0.031, 0.022, …]: at the last state read, a word before it, …
 */
export function gradientFlow(
  model: Model,
  rows: readonly Row[],
  options: GradientFlowOptions = {},
): GradientFlow {
  const { batchSize, clipNorm } = checkOptions('gradientFlow', gradientFlowOptions, options).options;
  const { config } = model;
  if (config.weights === 'i8') {
    throw new UsageError('gradientFlow() has no gradients of a quantised model', {
      cause: 'Look into the model it was made from.',
    });
  }
  const { norms, probes } = passes(model, labelled(config, rows), batchSize);
  return {
    rows: rows.length,
    gradientNorm: {
      mean: norms.reduce((sum, norm) => sum + norm, 0) / norms.length,
      largest: norms.reduce((most, norm) => Math.max(most, norm), 0),
    },
    clipped: norms.filter((norm) => norm > clipNorm).length / norms.length,
    layers: probes.map(({ flow }) => flow()),
  };
}

/**
 * Runs the model's network in training over all batches, forward and backward, without a step of the optimiser.
 * @returns the global norm of each one's gradient, and what was seen of the recurrent layers
 */
function passes(
  { config, vocabulary, modules, weights }: Model,
  { rows, targets }: Labelled,
  batchSize: number,
): { norms: number[]; probes: RecurrenceProbe[] } {
  const encoder = encoderOf(vocabulary, config.maxLength);
  const corpus = encodeInputs(config, encoder, inputsOf(config, rows, 'row'));
  const size = { batchSize, batchTokens: Infinity };
  const { limits, shuffle, at } = batchesOf(modules.fast, corpus, targets, size, config.seed);
  const spec = networkSpec(config, vocabulary);
  const objective = plainObjective(config);
  const plan = planNetwork(modules.fast, spec, 'train', limits, lossHead(config, objective), {
    isProbed: true,
  });
  if (plan.recurrences.length === 0) {
    throw new UsageError('gradientFlow()', {
      expected: 'a model with a recurrent layer, such as lstm()',
      got: config.layers.map(({ kind }) => `${kind}()`).join(', '),
    });
  }
  const network = networkOf(modules.fast, plan);
  const { machine } = network;
  network.weights.set(weights);
  network.prepare();
  const probes = plan.recurrences.map((one) => probeOf(machine, one));
  const dealer = dealerFor(1, limits.maxSequences);
  const share = shareOf(network, config, objective);
  const gradients = machine.region('gradients');
  const norms = Array.from({ length: shuffle(0) }, (_, i) => {
    const batch = at(i);
    dealer.deal(batch);
    const packed = share.enter(batch, dealer, 0);
    network.touch(packed.touched, packed.numTouched);
    machine.set('step', i + 1); // dropout draws anew for every batch
    network.forward();
    for (const probe of probes) probe.readGates(packed);
    network.backward();
    for (const probe of probes) probe.readStates(packed);
    const norm = Math.sqrt(machine.kernels.sumSquares(gradients.byteOffset, 0, 1, gradients.length));
    gradients.fill(0);
    return norm;
  });
  return { norms, probes };
}
