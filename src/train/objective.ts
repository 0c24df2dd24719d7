import type { PackedBatch } from '../data/batch.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Part } from '../model/network.ts';
import type { Head } from '../model/network-plan.ts';
import type { Targets } from '../model/targets.ts';
import type { Block } from '../runtime/plan.ts';
import type { Tally } from './metrics.ts';
import { LabelObjective, labelLoss } from './objectives/labels.ts';
import { NumberObjective, numberLoss } from './objectives/numbers.ts';
import { TagObjective, tagLoss } from './objectives/tags.ts';
import { WordObjective, wordLoss } from './objectives/words.ts';

/** What is minimised, beside the model itself. */
export interface ObjectiveOptions {
  /** Share of each target given to all labels alike. */
  readonly labelSmoothing: number;
  /** Of each label, in the model's order. */
  readonly classWeights: readonly number[];
  /** To classify: α of the shares by which texts are mixed; 0 mixes none. */
  readonly mixup: number;
}

/** The blocks behind the last layer. */
export interface LossBlocks {
  /** One f64 each; the loss is their sum. */
  readonly losses: readonly Block[];
  /** What the network says: probabilities, numbers, or behind neighbours() nothing. */
  readonly values: Block;
  /** Int32, what it says in whole numbers: the tags of the best way, or for each direction the word guessed. */
  readonly said: readonly Block[];
  readonly targets: readonly Block[];
  /** By class: softmax has one for each; sigmoid those of the negative and of the positive targets of each unit. */
  readonly weights: readonly Block[];
}

/** Fills in the targets of a network, or of a thread's part of it, and reads what came of them. */
export interface Objective {
  /** Σ weights of the batch entered last. */
  readonly weight: number;
  /** Mean loss of the batch just run, or its share of the mean, in nats. */
  readonly loss: number;
  /** Enters the targets of a packed batch, whose sequence b is row rowNumbers[from + order[b]]. */
  enter(targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): void;
  /** Makes the loss a share of the mean over targets of that weight, of which the batch is but a part. */
  scale(weight: number): void;
  /** How many things were judged in the batch just run: texts, words, guesses. */
  readonly numJudged: number;
  /** How many of them were right. */
  numRight(targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): number;
  /** Counts them by label, where there are labels. */
  tally(tally: Tally, targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): void;
}

/** Plain loss, as evaluation reports it. */
export function plainObjective({ labels }: ModelConfig): ObjectiveOptions {
  return { labelSmoothing: 0, classWeights: labels.map(() => 1), mixup: 0 };
}

/** The head that turns the last layer's output into the loss: a mean over targets, weighted by class, in nats. */
export function lossHead(config: ModelConfig, options: ObjectiveOptions): Head<LossBlocks> {
  return {
    classify: labelLoss,
    tag: tagLoss,
    regress: numberLoss,
    language: wordLoss,
  }[config.task](config, options);
}

/** What judges a network that ends in lossHead(). */
export function objectiveOf(
  part: Part<LossBlocks>,
  config: ModelConfig,
  options: ObjectiveOptions,
): Objective {
  switch (config.task) {
    case 'classify':
      return new LabelObjective(part, config, options);
    case 'tag':
      return new TagObjective(part, config, options);
    case 'regress':
      return new NumberObjective(part, config);
    case 'language':
      return new WordObjective(part);
  }
}
