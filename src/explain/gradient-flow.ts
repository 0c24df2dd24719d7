import { type Corpus, encodeRows } from '../data/dataset.ts';
import { networkSpec } from '../model/config.ts';
import type { Model } from '../model/model.ts';
import { Network } from '../model/network.ts';
import { planNetwork } from '../model/network-plan.ts';
import { type Row, type Targets, targetsOf } from '../model/targets.ts';
import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { Encoder } from '../text/encoder.ts';
import { lossHead, plainObjective } from '../train/objective.ts';
import { mostTokens } from '../train/rows.ts';
import { Share } from '../train/share.ts';
import { type LayerFlow, RecurrenceProbe } from './recurrence-probe.ts';

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
  const { batchSize, clipNorm } = checkOptions('gradientFlow', gradientFlowOptions, options);
  const { config, vocabulary } = model;
  if (config.weights === 'i8') {
    throw new UsageError('gradientFlow() has no gradients of a quantised model', {
      cause: 'Look into the model it was made from.',
    });
  }
  const targets = targetsOf(config, rows);
  const texts = rows.map(({ text }) => text);
  const corpus = encodeRows(new Encoder(vocabulary, config.maxLength), texts);
  const batches = new Batches(model, corpus, targets, batchSize);
  const norms: number[] = [];
  for (let from = 0; from < rows.length; from += batchSize) {
    norms.push(batches.run(from, Math.min(batchSize, rows.length - from)));
  }
  return {
    rows: rows.length,
    gradientNorm: {
      mean: norms.reduce((sum, norm) => sum + norm, 0) / norms.length,
      largest: norms.reduce((most, norm) => Math.max(most, norm), 0),
    },
    clipped: norms.filter((norm) => norm > clipNorm).length / norms.length,
    layers: batches.probes.map((probe) => probe.flow()),
  };
}

/** The model's network in training, run batch by batch without a step of the optimiser. */
class Batches {
  readonly probes: readonly RecurrenceProbe[];
  readonly #network: Network<unknown>;
  readonly #share: Share;
  readonly #corpus: Corpus;
  readonly #targets: Targets;
  readonly #order: Int32Array;

  constructor(
    { config, vocabulary, modules, weights }: Model,
    corpus: Corpus,
    targets: Targets,
    batchSize: number,
  ) {
    const spec = networkSpec(config, vocabulary);
    const limits = {
      maxSequences: Math.min(batchSize, corpus.numRows),
      maxRows: mostTokens(corpus, { batchSize, batchTokens: Number.POSITIVE_INFINITY }),
    };
    const objective = plainObjective(config);
    const plan = planNetwork(modules.fast, spec, 'train', limits, lossHead(config, objective));
    if (plan.recurrences.length === 0) {
      throw new UsageError('gradientFlow()', {
        expected: 'a model with a recurrent layer, such as lstm()',
        got: config.layers.map(({ kind }) => `${kind}()`).join(', '),
      });
    }
    const network = new Network(modules.fast, plan);
    network.weights.set(weights);
    network.prepare();
    this.probes = plan.recurrences.map((one) => new RecurrenceProbe(network.machine, one));
    this.#network = network;
    this.#share = new Share(network, config, objective, {
      ...limits,
      tableRows: spec.tableRows,
      maxBag: spec.maxBag,
    });
    this.#corpus = corpus;
    this.#targets = targets;
    this.#order = Int32Array.from({ length: corpus.numRows }, (_, row) => row);
  }

  /** Forward and backward over rows [from, from + count). @returns the global norm of the gradient */
  run(from: number, count: number): number {
    const { machine } = this.#network;
    this.#share.enter(this.#corpus, this.#targets, this.#order, from, count);
    machine.set('step', from + 1); // dropout draws anew for every batch
    this.#network.forward();
    for (const probe of this.probes) probe.readGates(this.#share.batch);
    this.#network.backward();
    for (const probe of this.probes) probe.readStates(this.#share.batch);
    const gradients = machine.region('gradients');
    const norm = Math.sqrt(machine.kernels.sumSquares(gradients.byteOffset, gradients.length));
    gradients.fill(0);
    return norm;
  }
}
