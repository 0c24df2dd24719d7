import { call, type PlanContext } from '../../layers/layer.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import { largest, predictionOf } from '../../model/prediction.ts';
import type { TargetsOf } from '../../model/targets.ts';
import { isSoftmax, outputUnits } from '../../model/task.ts';
import type { Block } from '../../runtime/plan.ts';
import { stride } from '../../runtime/stride.ts';
import type { Judge, LossBlocks, ObjectiveOptions } from '../objective.ts';

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
export function judgeLabels(
  { view, outcome }: Part<LossBlocks>,
  config: ModelConfig,
  { classWeights }: ObjectiveOptions,
): Judge {
  const units = outputUnits(config);
  const width = stride(units);
  const softmax = isSoftmax(config);
  const single = units < config.labels.length; // one unit stands for the second of two labels
  const probabilities = view.floats(outcome.values); // [B, width]
  const [block] = outcome.targets;
  const classes = view.integers(block);
  const shares = view.floats(block);
  const [weights, positive] = outcome.weights.map((block) => view.floats(block));
  if (softmax) weights.set(classWeights);
  else {
    weights.set(single ? [classWeights[0]] : classWeights.map(() => 1));
    positive.set(single ? [classWeights[1]] : classWeights);
  }
  let numTexts = 0;

  /** The numbers of the labels that text b bears. */
  const labelsOf = (b: number) => {
    if (softmax) return [classes[b]];
    if (single) return [shares[b * width]]; // 0 or 1 is the label's number
    return config.labels.flatMap((_, k) => (shares[b * width + k] === 1 ? [k] : []));
  };

  return {
    enter(targets, rowNumbers, from, { order, numSequences }) {
      const { values } = targets as TargetsOf<'softmax'> | TargetsOf<'sigmoid'>;
      let sum = 0;
      numTexts = numSequences;
      for (let b = 0; b < numTexts; b++) {
        const row = rowNumbers[from + order[b]];
        if (softmax) {
          classes[b] = values[row];
          sum += weights[values[row]];
          continue;
        }
        for (let k = 0; k < units; k++) {
          const share = values[row * units + k];
          shares[b * width + k] = share;
          sum += weights[k] + share * (positive[k] - weights[k]);
        }
      }
      return sum;
    },
    numJudged: () => numTexts,
    numRight() {
      let right = 0;
      for (let b = 0; b < numTexts; b++) {
        let all = !softmax || largest(probabilities, b * width, units) === classes[b];
        for (let i = b * width; !softmax && i < b * width + units; i++) {
          const said = single ? probabilities[i] > 0.5 : probabilities[i] >= 0.5; // as predictionOf() decides
          if (said !== shares[i] > 0.5) all = false;
        }
        if (all) right++;
      }
      return right;
    },
    tally(tally) {
      for (let b = 0; b < numTexts; b++) {
        const values = probabilities.subarray(b * width, b * width + units);
        const { labels } = predictionOf(config, values, false);
        tally.count(
          labelsOf(b),
          labels.map((label) => config.labels.indexOf(label)),
        );
      }
    },
  };
}
