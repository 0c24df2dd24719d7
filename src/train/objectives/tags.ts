import type { PackedBatch } from '../../data/batch.ts';
import { type Chain, call, type PlanContext, spread, type Value } from '../../layers/layer.ts';
import { planBestWay, planChain } from '../../model/answer.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import type { Targets, TargetsOf } from '../../model/targets.ts';
import type { View } from '../../runtime/machine.ts';
import type { Block } from '../../runtime/plan.ts';
import { stride } from '../../runtime/stride.ts';
import type { Tally } from '../metrics.ts';
import type { LossBlocks, Objective, ObjectiveOptions } from '../objective.ts';
import { setScale } from './scale.ts';

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
  const scratch = context.scratch(stride(K));
  context.backward(call('crfGradient', dLogits, ...gradients, scratch, ...sums, steps, 'T', K, 'scale'));
  const said = [planBestWay(context, logits, chain, panels, K)];
  return { losses: [loss], values: marginals, said, targets: [targets], weights: [] };
}

/** Judges the tags of words. */
export class TagObjective implements Objective {
  weight = 0;
  numJudged = 0;
  readonly #view: View;
  readonly #probabilities: Float32Array;
  readonly #loss: Float64Array;
  readonly #targets: Int32Array;
  readonly #weights: Float32Array | undefined;
  readonly #best: Int32Array | undefined;
  readonly #units: number;

  constructor({ view, outcome }: Part<LossBlocks>, { labels }: ModelConfig, options: ObjectiveOptions) {
    const [loss] = outcome.losses;
    const [targets] = outcome.targets;
    const [weights] = outcome.weights;
    const [best] = outcome.said;
    this.#view = view;
    this.#probabilities = view.floats(outcome.values);
    this.#loss = view.doubles(loss);
    this.#targets = view.integers(targets);
    this.#weights = weights && view.floats(weights);
    this.#weights?.set(options.classWeights);
    this.#best = best && view.integers(best);
    this.#units = labels.length;
  }

  get loss(): number {
    return this.#loss[0];
  }

  enter(targets: Targets, rowNumbers: Int32Array, from: number, batch: PackedBatch): void {
    const { values, starts } = targets as TargetsOf<'tags'>;
    const { steps, order, numSteps, numRows } = batch;
    let sum = 0;
    for (let t = 0, n = 0; t < numSteps; t++) {
      for (let b = 0; b < steps[t]; b++, n++) {
        const tag = values[starts[rowNumbers[from + order[b]]] + t];
        this.#targets[n] = tag;
        sum += this.#weights ? this.#weights[tag] : 1;
      }
    }
    this.weight = sum;
    this.numJudged = numRows;
    this.scale(sum);
  }

  scale(weight: number): void {
    setScale(this.#view, weight);
  }

  numRight(_targets: Targets, _rowNumbers: Int32Array, _from: number, { numRows }: PackedBatch): number {
    let right = 0;
    for (let n = 0; n < numRows; n++) if (this.#said(n) === this.#targets[n]) right++;
    return right;
  }

  tally(tally: Tally, _: Targets, _rowNumbers: Int32Array, _from: number, batch: PackedBatch): void {
    const texts = Array.from({ length: batch.numSequences }, () => ({
      borne: [] as number[],
      given: [] as number[],
    }));
    for (let t = 0, n = 0; t < batch.numSteps; t++) {
      for (let b = 0; b < batch.steps[t]; b++, n++) {
        texts[b].borne.push(this.#targets[n]);
        texts[b].given.push(this.#said(n));
      }
    }
    for (const { borne, given } of texts) tally.countTags(borne, given);
  }

  /** The tag given to a packed row. */
  #said(n: number): number {
    if (this.#best) return this.#best[n];
    const at = n * stride(this.#units);
    let best = 0;
    for (let k = 1; k < this.#units; k++) {
      if (this.#probabilities[at + k] > this.#probabilities[at + best]) best = k;
    }
    return best;
  }
}
