import type { PackedBatch } from '../data/batch.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Part } from '../model/network.ts';
import type { Head } from '../model/network-plan.ts';
import type { Targets } from '../model/targets.ts';
import type { Block } from '../runtime/plan.ts';
import type { Tally } from './metrics.ts';
import { judgeLabels, labelLoss } from './objectives/labels.ts';
import { judgeNumbers, numberLoss } from './objectives/numbers.ts';
import { judgeTags, tagLoss } from './objectives/tags.ts';
import { judgeWords, wordLoss } from './objectives/words.ts';

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
export interface Objective extends Pick<Judge, 'numRight'> {
  /** Σ weights of the batch entered last. */
  readonly weight: number;
  /** How many things are judged in it: texts, words, guesses. */
  readonly numJudged: number;
  /** Mean loss of it, or its share of the mean, in nats: once it has been run. */
  readonly loss: number;
  /** Enters the targets of a packed batch, whose sequence b is row rowNumbers[from + order[b]]. */
  enter(targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): void;
  /** Makes the loss a share of the mean over targets of that weight, of which the batch is but a part. */
  scale(weight: number): void;
  /** Counts what is right by label, where there are labels. */
  tally(tally: Tally): void;
}

/** What an objective has by its task; all of it is about the batch entered last. */
export interface Judge {
  /** Writes the targets where the loss reads them. @returns Σ weights */
  enter(targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): number;
  /** How many things are judged. */
  numJudged(): number;
  /** How many of them are right. */
  numRight(): number;
  tally?(tally: Tally): void;
}

/** Plain loss, as evaluation reports it. */
export function plainObjective({ labels }: ModelConfig): ObjectiveOptions {
  return { labelSmoothing: 0, classWeights: labels.map(() => 1), mixup: 0 };
}

/** What a task minimises, and who judges what came of it. */
const OBJECTIVES = {
  classify: { loss: labelLoss, judge: judgeLabels },
  tag: { loss: tagLoss, judge: judgeTags },
  regress: { loss: numberLoss, judge: judgeNumbers },
  language: { loss: wordLoss, judge: judgeWords },
} as const;

/** The head that turns the last layer's output into the loss: a mean over targets, weighted by class, in nats. */
export function lossHead(config: ModelConfig, options: ObjectiveOptions): Head<LossBlocks> {
  return OBJECTIVES[config.task].loss(config, options);
}

/** What judges a network that ends in lossHead(). */
export function objectiveOf(
  part: Part<LossBlocks>,
  config: ModelConfig,
  options: ObjectiveOptions,
): Objective {
  const { view, outcome } = part;
  const losses = outcome.losses.map((block) => view.doubles(block));
  const judge = OBJECTIVES[config.task].judge(part, config, options);
  // In a batch that has no targets, nothing counts.
  const scale = (weight: number) => view.set('scale', weight > 0 ? 1 / weight : 0);
  let weight = 0;
  return {
    get weight() {
      return weight;
    },
    get numJudged() {
      return judge.numJudged();
    },
    get loss() {
      return losses.reduce((sum, [loss]) => sum + loss, 0);
    },
    enter(...entered) {
      weight = judge.enter(...entered);
      scale(weight);
    },
    scale,
    numRight: judge.numRight,
    tally: (tally) => judge.tally?.(tally),
  };
}
