import type { PackedBatch } from '../../data/batch.ts';
import { type Chain, call, type PlanContext, spread, type Value } from '../../layers/layer.ts';
import { planBestWay, planChain } from '../../model/answer.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import { largest } from '../../model/prediction.ts';
import type { TargetsOf } from '../../model/targets.ts';
import type { Block } from '../../runtime/plan.ts';
import { stride } from '../../runtime/stride.ts';
import type { Judge, LossBlocks, ObjectiveOptions } from '../objective.ts';

/**
 * Of the tag of each word: softmax cross-entropy, or behind crf() −ln p of the tags of the whole text, shared out among
 * its words so that losses can be compared.
 */
export function tagLoss({ labels }: ModelConfig, { labelSmoothing }: ObjectiveOptions): Head<LossBlocks> {
  const K = labels.length;
  return (context, output) => {
    const logits = spread(context, output);
    const targets = context.matrix('targets', 'N', 1);
    const loss = context.floats('loss', 2); // one f64
    const dLogits = logits.gradient ?? context.matrix('dLogits', 'N', K);
    if (output.chain) return chainLoss(context, logits, output.chain, dLogits, targets, loss, K);
    const values = context.matrix('probabilities', 'N', K);
    const weights = context.floats('weights', K);
    const inputs = [logits.block, targets, 0, 0, weights] as const;
    context.forward('softmaxCrossEntropy', dLogits, loss, values, ...inputs, 'N', K, labelSmoothing, 'scale');
    return { losses: [loss], values, said: [], targets: [targets], weights: [weights] };
  };
}

function chainLoss(
  context: PlanContext,
  logits: Value,
  chain: Chain,
  dLogits: Block,
  targets: Block,
  loss: Block,
  K: number,
): LossBlocks {
  const { transitions, start, end } = chain;
  const { steps } = context.batch;
  const { panels, alpha, shift, beta, marginals } = planChain(context, logits, chain, K);
  const given = [transitions.value, start.value, end.value];
  context.forward('crfLoss', loss, alpha, shift, logits.block, targets, ...given, steps, 'T', K, 'scale');
  const gradients = [transitions.gradient!, start.gradient!, end.gradient!];
  const sums = [marginals, beta, alpha, shift, logits.block, panels, targets];
  const scratch = context.scratch(2 * stride(K));
  context.backward(call('crfGradient', dLogits, ...gradients, scratch, ...sums, steps, 'T', K, 'scale'));
  const said = [planBestWay(context, logits, chain, panels, K)];
  return { losses: [loss], values: marginals, said, targets: [targets], weights: [] };
}

/** Judges the tags of words. */
export function judgeTags(
  { view, outcome }: Part<LossBlocks>,
  { labels }: ModelConfig,
  { classWeights }: ObjectiveOptions,
): Judge {
  const width = stride(labels.length);
  const probabilities = view.floats(outcome.values);
  const borne = view.integers(outcome.targets[0]);
  const [weights] = outcome.weights.map((block) => view.floats(block));
  const [best] = outcome.said.map((block) => view.integers(block));
  weights?.set(classWeights);
  let batch: PackedBatch;

  /** The tag given to a packed row. */
  const given = (n: number) => (best ? best[n] : largest(probabilities, n * width, labels.length));

  return {
    enter(targets, rowNumbers, from, entered) {
      const { values, starts } = targets as TargetsOf<'tags'>;
      const { steps, order, numSteps } = entered;
      let sum = 0;
      for (let t = 0, n = 0; t < numSteps; t++) {
        for (let b = 0; b < steps[t]; b++, n++) {
          const tag = values[starts[rowNumbers[from + order[b]]] + t];
          borne[n] = tag;
          sum += weights ? weights[tag] : 1;
        }
      }
      batch = entered;
      return sum;
    },
    numJudged: () => batch.numRows,
    numRight() {
      let right = 0;
      for (let n = 0; n < batch.numRows; n++) if (given(n) === borne[n]) right++;
      return right;
    },
    tally(tally) {
      const texts = Array.from({ length: batch.numSequences }, () => [[], []] as number[][]);
      for (let t = 0, n = 0; t < batch.numSteps; t++) {
        for (let b = 0; b < batch.steps[t]; b++, n++) {
          texts[b][0].push(borne[n]);
          texts[b][1].push(given(n));
        }
      }
      for (const [right, said] of texts) tally.countTags(right, said);
    },
  };
}
