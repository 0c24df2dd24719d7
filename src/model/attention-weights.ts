import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { checkAnswer } from './answer.ts';
import type { Model } from './model.ts';
import { checkText, type WordGraph } from './rows.ts';

/** How much a word counted. */
export interface WordWeight {
  /** As the model reads it. */
  readonly word: string;
  /** Its share of the text: the shares of all words sum to one. */
  readonly weight: number;
}

/**
 * How much each word of a text counts where the model weighs its words: the attention weights of its last layer that
 * makes one vector of a text by attention, averaged over the heads. Behind an lstm() a weight is that of the state at the
 * word, which has read the words before it, too; and a weight says where a model looks, not why it decides.
 * @param text of a model that mixes over given edges `{ words, edges }`
 * @returns one weight a word, in the order of the text, as many as maxLength lets through; none for an empty text
 * @throws UsageError before the model is trained, and for a model without such a layer; DataError when its parameters
 *   make no sense, as in a damaged file
 * @example
 * attentionWeights(model, 'a joy to watch') // [{ word: 'a', weight: 0.11 }, { word: 'joy', weight: 0.62 }, …]
 */
export function attentionWeights(model: Model, text: string | WordGraph): WordWeight[] {
  const { runner, vocabulary, config } = model;
  const { network } = runner;
  const shown = network.shown.at(-1);
  if (!shown) {
    throw new UsageError('this model weighs no words', {
      expected:
        "attention() with the query 'mean', 'learned' or 'last', attentionPool(), or the option attentionHeads",
    });
  }
  const input = checkText(config, text, 'attentionWeights()', 'the text');
  for (const _ of runner.batches(runner.encode([input]))) network.forward();
  const weights = network.machine.floats(shown.weights);
  const { heads } = shown;
  const width = stride(heads);
  const words = typeof input === 'string' ? input : input.words;
  return vocabulary.split(words, config.maxLength).map((word, n) => {
    const ofHeads = checkAnswer(weights.subarray(n * width, n * width + heads));
    return { word, weight: ofHeads.reduce((sum, weight) => sum + weight, 0) / heads };
  });
}
