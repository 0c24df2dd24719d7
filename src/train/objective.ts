import type { PackedBatch } from '../data/batch.ts';
import type { PlanContext, Value } from '../layers/layer.ts';
import { isSoftmax, type ModelConfig, outputUnits } from '../model/config.ts';
import type { Part } from '../model/network.ts';
import type { Targets } from '../model/targets.ts';
import type { View } from '../runtime/machine.ts';
import type { Block } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';

/** What is minimised, beside the model itself. */
export interface ObjectiveOptions {
  /** Share of each target given to all labels alike. */
  readonly labelSmoothing: number;
  /** Of each label, in the model's order. */
  readonly classWeights: readonly number[];
}

/** The blocks behind the logits. */
export interface LossBlocks {
  readonly loss: Block;
  readonly probabilities: Block;
  readonly targets: Block;
  /** softmax: one weight a class; sigmoid: of the negative and of the positive targets of each unit. */
  readonly weights: readonly Block[];
}

/** Plain cross-entropy, as evaluation reports it. */
export function plainObjective({ labels }: ModelConfig): ObjectiveOptions {
  return { labelSmoothing: 0, classWeights: labels.map(() => 1) };
}

/**
 * The head that turns logits into the loss: softmax cross-entropy for three labels and more, otherwise
 * binary cross-entropy of each unit; the mean over targets, weighted by class, in nats.
 */
export function lossHead(config: ModelConfig, { labelSmoothing }: ObjectiveOptions) {
  const K = outputUnits(config);
  const softmax = isSoftmax(config);
  return (context: PlanContext, logits: Value): LossBlocks => {
    const probabilities = context.matrix('probabilities', 'B', K);
    const targets = context.matrix('targets', 'B', softmax ? 1 : K);
    const weights = (softmax ? ['weights'] : ['negativeWeights', 'positiveWeights']).map((name) =>
      context.floats(name, K),
    );
    const loss = context.floats('loss', 2); // one f64
    const dLogits = logits.gradient ?? context.matrix('dLogits', 'B', K);
    const kernel = softmax ? 'softmaxCrossEntropy' : 'sigmoidCrossEntropy';
    const inputs = [logits.block, targets, ...weights];
    context.forward(kernel, dLogits, loss, probabilities, ...inputs, 'B', K, labelSmoothing, 'scale');
    return { loss, probabilities, targets, weights };
  };
}

/** Fills in the targets of a network, or of a thread's part of it, and reads its loss. */
export class Objective {
  /** Probabilities [B, stride(units)] of the batch just run. */
  readonly probabilities: Float32Array;
  /** Σ weights of the batch entered last. */
  weight = 0;
  readonly #view: View;
  readonly #loss: Float64Array;
  readonly #classes: Int32Array;
  readonly #shares: Float32Array;
  readonly #weights: readonly Float32Array[];
  /** One unit stands for the second of two labels. */
  readonly #single: boolean;

  constructor({ view, outcome }: Part<LossBlocks>, config: ModelConfig, options: ObjectiveOptions) {
    this.#view = view;
    this.probabilities = view.floats(outcome.probabilities);
    this.#loss = view.doubles(outcome.loss);
    this.#classes = view.integers(outcome.targets);
    this.#shares = view.floats(outcome.targets);
    this.#weights = outcome.weights.map((block) => view.floats(block));
    const { classWeights } = options;
    const single = outputUnits(config) < config.labels.length;
    this.#single = single;
    if (isSoftmax(config)) this.#weights[0].set(classWeights);
    else {
      this.#weights[0].set(single ? [classWeights[0]] : classWeights.map(() => 1));
      this.#weights[1].set(single ? [classWeights[1]] : classWeights);
    }
  }

  /** Mean loss of the batch just run, or its share of the mean, in nats. */
  get loss(): number {
    return this.#loss[0];
  }

  /** Enters the targets of a packed batch, whose sequence b is row rowNumbers[from + order[b]]. */
  enter(targets: Targets, rowNumbers: Int32Array, from: number, { order, numSequences }: PackedBatch): void {
    const { values, units } = targets;
    const [weights, positive] = this.#weights;
    const width = stride(units);
    let sum = 0;
    for (let b = 0; b < numSequences; b++) {
      const row = rowNumbers[from + order[b]];
      if (targets.kind === 'softmax') {
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
    this.scale(sum);
  }

  /** Makes the loss a share of the mean over targets of that weight, of which the batch is but a part. */
  scale(weight: number): void {
    this.#view.set('scale', 1 / weight);
  }

  /** Rows of the batch just run whose labels are all right. */
  numRight(
    { kind, values, units }: Targets,
    rowNumbers: Int32Array,
    from: number,
    batch: PackedBatch,
  ): number {
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
        const share = this.probabilities[b * width + k];
        const said = this.#single ? share > 0.5 : share >= 0.5; // as predictionOf() decides
        if (said !== values[row * units + k] > 0.5) all = false;
      }
      if (all) right++;
    }
    return right;
  }

  #best(at: number, units: number): number {
    let best = 0;
    for (let k = 1; k < units; k++) if (this.probabilities[at + k] > this.probabilities[at + best]) best = k;
    return best;
  }
}
