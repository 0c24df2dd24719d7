import type { PackedBatch } from '../../data/batch.ts';
import { call } from '../../layers/layer.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import type { Targets } from '../../model/targets.ts';
import type { View } from '../../runtime/machine.ts';
import type { LossBlocks, Objective } from '../objective.ts';
import { setScale } from './scale.ts';

/** No word stands there: the guess does not count. */
const NONE = -1;

/**
 * Of the words beside each word: cross-entropy of each guess among the distinct words of the batch, or of a thread's
 * share of it. The words' vectors are those of the embedding's table, which learns from both sides.
 */
export function wordLoss(): Head<LossBlocks> {
  return (context, output) => {
    const table = context.table!;
    const E = table.shape[1];
    const guesses = output.guesses!;
    const { bagStart, bagIds, slots } = context.batch;
    const bags = [bagStart, bagIds, 'U', E] as const;
    const { kernels } = context;
    const words = context.matrix('words', 'U', E);
    const dWords = context.mode === 'train' ? context.matrix('d words', 'U', E) : 0;
    const scores = context.matrix('scores', 'U', kernels.wordScoresColumns());
    const scratch = context.scratch(kernels.wordScratch(E));
    context.forward('embeddingForward', words, table.value, ...bags);
    const directions = guesses.map(({ block, gradient = 0 }, i) => {
      const [loss, said, targets] = [
        context.floats(`loss ${i}`, 2), // one f64
        context.matrix(`said ${i}`, 'N', 1),
        context.matrix(`targets ${i}`, 'N', 1),
      ];
      const written = [gradient, dWords, loss, said, scores, scratch] as const;
      context.forward(
        'wordCrossEntropy',
        ...written,
        block,
        words,
        targets,
        'N',
        'U',
        E,
        'scale',
        i > 0 ? 1 : 0,
      );
      return { loss, said, targets };
    });
    context.backward(call('embeddingBackward', table.gradient!, dWords, slots, ...bags));
    return {
      losses: directions.map(({ loss }) => loss),
      values: output.block,
      said: directions.map(({ said }) => said),
      targets: directions.map(({ targets }) => targets),
      weights: [],
    };
  };
}

/** Judges guesses of words: of the next one, and of the previous one where the text is read both ways. */
export class WordObjective implements Objective {
  weight = 0;
  numJudged = 0;
  readonly #view: View;
  readonly #losses: readonly Float64Array[];
  readonly #said: readonly Int32Array[];
  readonly #targets: readonly Int32Array[];

  constructor({ view, outcome }: Part<LossBlocks>) {
    this.#view = view;
    this.#losses = outcome.losses.map((block) => view.doubles(block));
    this.#said = outcome.said.map((block) => view.integers(block));
    this.#targets = outcome.targets.map((block) => view.integers(block));
  }

  get loss(): number {
    return this.#losses.reduce((sum, [loss]) => sum + loss, 0);
  }

  enter(_: Targets, _rowNumbers: Int32Array, _from: number, batch: PackedBatch): void {
    const { steps, index, numSteps, numRows, numSequences } = batch;
    const [next, previous] = this.#targets;
    for (let t = 0, n = 0; t < numSteps; t++) {
      const after = t + 1 < numSteps ? steps[t + 1] : 0;
      for (let b = 0; b < steps[t]; b++, n++) {
        next[n] = b < after ? index[n + steps[t]] : NONE;
        if (previous) previous[n] = t > 0 ? index[n - steps[t - 1]] : NONE;
      }
    }
    this.numJudged = (numRows - numSequences) * this.#targets.length;
    this.weight = this.numJudged;
    this.scale(this.weight);
  }

  scale(weight: number): void {
    setScale(this.#view, weight);
  }

  numRight(_targets: Targets, _rowNumbers: Int32Array, _from: number, { numRows }: PackedBatch): number {
    let right = 0;
    for (const [d, targets] of this.#targets.entries()) {
      for (let n = 0; n < numRows; n++) if (targets[n] !== NONE && targets[n] === this.#said[d][n]) right++;
    }
    return right;
  }

  tally(): void {}
}
