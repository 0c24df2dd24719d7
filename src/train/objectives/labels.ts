import type { PackedBatch } from '../../data/batch.ts';
import { call, type PlanContext } from '../../layers/layer.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import { predictionOf } from '../../model/prediction.ts';
import type { Targets, TargetsOf } from '../../model/targets.ts';
import { isSoftmax, outputUnits } from '../../model/task.ts';
import type { View } from '../../runtime/machine.ts';
import type { Block } from '../../runtime/plan.ts';
import { stride } from '../../runtime/stride.ts';
import type { Tally } from '../metrics.ts';
import type { LossBlocks, Objective, ObjectiveOptions } from '../objective.ts';
import { setScale } from './scale.ts';

type LabelTargets = TargetsOf<'softmax'> | TargetsOf<'sigmoid'>;

/**
 * Of the label of each text: softmax cross-entropy for three labels and more, otherwise binary cross-entropy of each unit.
 * Mixup mixes what the last layer yields: as that is affine, it is to mix the vectors of two texts before it, of
 * whatever lengths.
 */
export function labelLoss(
  config: ModelConfig,
  { labelSmoothing, mixup }: ObjectiveOptions,
): Head<LossBlocks> {
  const K = outputUnits(config);
  const softmax = isSoftmax(config);
  return (context, logits) => {
    const values = context.matrix('probabilities', 'B', K);
    const targets = context.matrix('targets', 'B', softmax ? 1 : K);
    const weights = (softmax ? ['weights'] : ['negativeWeights', 'positiveWeights']).map((name) =>
      context.floats(name, K),
    );
    const loss = context.floats('loss', 2); // one f64
    const dLogits = logits.gradient ?? context.matrix('dLogits', 'B', K);
    const kernel = softmax ? 'softmaxCrossEntropy' : 'sigmoidCrossEntropy';
    if (mixup === 0) {
      const inputs = [logits.block, targets, 0, 0, ...weights];
      context.forward(kernel, dLogits, loss, values, ...inputs, 'B', K, labelSmoothing, 'scale');
    } else {
      const [mixed, dMixed] = ['mixed', 'dMixed'].map((name) => context.matrix(name, 'B', K));
      const mix = planMix(context, mixup);
      const inputs = [mixed, targets, ...mix, ...weights];
      context.forward('mixRowsForward', mixed, logits.block, ...mix, 'B', K);
      context.forward(kernel, dMixed, loss, values, ...inputs, 'B', K, labelSmoothing, 'scale');
      context.backward(call('mixRowsBackward', dLogits, dMixed, ...mix, 'B', K));
    }
    return { losses: [loss], values, said: [], targets: [targets], weights };
  };
}

/** Draws with whom each text of a batch is mixed, and by which share, one for all: then the targets' weights add up as ever. */
function planMix(context: PlanContext, alpha: number): [partners: Block, share: Block] {
  const { seed, stream } = context;
  const [partners, share] = [context.matrix('partners', 'B', 1), context.floats('share', 1)];
  context.forward('permutation', partners, 'B', seed, stream, 'step');
  context.forward('drawMixShare', share, alpha, seed, stream + MIX_STREAM, 'step');
  return [partners, share];
}

/** Sets the share's draws apart from the partners': layers are numbered below it. */
const MIX_STREAM = 0x4000;

/** Judges the labels of texts. */
export class LabelObjective implements Objective {
  weight = 0;
  numJudged = 0;
  readonly #config: ModelConfig;
  readonly #view: View;
  /** [B, stride(units)] */
  readonly #probabilities: Float32Array;
  readonly #loss: Float64Array;
  readonly #classes: Int32Array;
  readonly #shares: Float32Array;
  readonly #weights: readonly Float32Array[];
  /** One unit stands for the second of two labels. */
  readonly #single: boolean;

  constructor({ view, outcome }: Part<LossBlocks>, config: ModelConfig, { classWeights }: ObjectiveOptions) {
    const [loss] = outcome.losses;
    const [targets] = outcome.targets;
    this.#config = config;
    this.#view = view;
    this.#probabilities = view.floats(outcome.values);
    this.#loss = view.doubles(loss);
    this.#classes = view.integers(targets);
    this.#shares = view.floats(targets);
    this.#weights = outcome.weights.map((block) => view.floats(block));
    const single = outputUnits(config) < config.labels.length;
    this.#single = single;
    if (isSoftmax(config)) this.#weights[0].set(classWeights);
    else {
      this.#weights[0].set(single ? [classWeights[0]] : classWeights.map(() => 1));
      this.#weights[1].set(single ? [classWeights[1]] : classWeights);
    }
  }

  get loss(): number {
    return this.#loss[0];
  }

  enter(targets: Targets, rowNumbers: Int32Array, from: number, { order, numSequences }: PackedBatch): void {
    const { kind, values, units } = targets as LabelTargets;
    const [weights, positive] = this.#weights;
    const width = stride(units);
    let sum = 0;
    for (let b = 0; b < numSequences; b++) {
      const row = rowNumbers[from + order[b]];
      if (kind === 'softmax') {
        this.#classes[b] = values[row];
        sum += weights[values[row]];
        continue;
      }
      for (let k = 0; k < units; k++) {
        const share = values[row * units + k];
        this.#shares[b * width + k] = share;
        sum += weights[k] + share * (positive[k] - weights[k]);
      }
    }
    this.weight = sum;
    this.numJudged = numSequences;
    this.scale(sum);
  }

  scale(weight: number): void {
    setScale(this.#view, weight);
  }

  numRight(targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): number {
    const { kind, values, units } = targets as LabelTargets;
    const width = stride(units);
    let right = 0;
    for (let b = 0; b < batch.numSequences; b++) {
      const row = rowNumbers[from + batch.order[b]];
      if (kind === 'softmax') {
        if (this.#best(b * width, units) === values[row]) right++;
        continue;
      }
      let all = true;
      for (let k = 0; k < units; k++) {
        const share = this.#probabilities[b * width + k];
        const said = this.#single ? share > 0.5 : share >= 0.5; // as predictionOf() decides
        if (said !== values[row * units + k] > 0.5) all = false;
      }
      if (all) right++;
    }
    return right;
  }

  tally(tally: Tally, targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): void {
    const { units } = targets;
    const width = stride(units);
    for (let b = 0; b < batch.numSequences; b++) {
      const row = rowNumbers[from + batch.order[b]];
      const values = this.#probabilities.subarray(b * width, b * width + units);
      const { labels } = predictionOf(this.#config, values, false);
      const given = labels.map((label) => this.#config.labels.indexOf(label));
      tally.count(this.#labelsOf(targets as LabelTargets, row), given);
    }
  }

  #labelsOf({ values, units }: LabelTargets, row: number): number[] {
    if (!this.#config.multiLabel) return [values[row]]; // one unit: 0 or 1 is the label's number
    return Array.from({ length: units }, (_, k) => k).filter((k) => values[row * units + k] === 1);
  }

  #best(at: number, units: number): number {
    let best = 0;
    for (let k = 1; k < units; k++)
      if (this.#probabilities[at + k] > this.#probabilities[at + best]) best = k;
    return best;
  }
}
