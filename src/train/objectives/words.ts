import type { PackedBatch } from '../../data/batch.ts';
import { call } from '../../layers/layer.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import type { Judge, LossBlocks } from '../objective.ts';

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
      const loss = context.floats(`loss ${i}`, 2); // one f64
      const [said, targets] = ['said', 'targets'].map((name) => context.matrix(`${name} ${i}`, 'N', 1));
      const written = [gradient, dWords, loss, said, scores, scratch] as const;
      const sizes = ['N', 'U', E, 'scale', i > 0 ? 1 : 0] as const;
      context.forward('wordCrossEntropy', ...written, block, words, targets, ...sizes);
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
export function judgeWords({ view, outcome }: Part<LossBlocks>): Judge {
  const [said, wanted] = [outcome.said, outcome.targets].map((blocks) =>
    blocks.map((block) => view.integers(block)),
  );
  let batch: PackedBatch;
  const numJudged = () => (batch.numRows - batch.numSequences) * wanted.length;
  return {
    enter(_targets, _rowNumbers, _from, entered) {
      const { steps, index, numSteps } = entered;
      const [next, previous] = wanted;
      for (let t = 0, n = 0; t < numSteps; t++) {
        const after = t + 1 < numSteps ? steps[t + 1] : 0;
        for (let b = 0; b < steps[t]; b++, n++) {
          next[n] = b < after ? index[n + steps[t]] : NONE;
          if (previous) previous[n] = t > 0 ? index[n - steps[t - 1]] : NONE;
        }
      }
      batch = entered;
      return numJudged();
    },
    numJudged,
    numRight() {
      let right = 0;
      for (const [d, words] of wanted.entries()) {
        for (let n = 0; n < batch.numRows; n++) if (words[n] !== NONE && words[n] === said[d][n]) right++;
      }
      return right;
    },
  };
}
