import type { Answer } from './answer.ts';
import type { Model } from './model.ts';
import { largest } from './prediction.ts';
import { answersTo } from './read-answers.ts';
import { checkInput, checkList, type WordGraph } from './rows.ts';
import type { Runner } from './runner.ts';
import { checkTask } from './task.ts';

/** What a model says of the words of a text. */
export interface Tagging {
  /** One for each word. Behind crf() the best way through the text as a whole. */
  readonly tags: readonly string[];
  /** Of each word's tag: its probability, behind crf() summed over all ways through the text. */
  readonly probabilities: readonly number[];
}

/**
 * Tags the words of one text, cut as you cut them.
 * @param words of a model that mixes over given edges `{ words, edges }`
 * @throws UsageError before the model is trained, or when its task is another; DataError when there are no words, more
 *   than the model's maxLength, or white space in one, or when the model's parameters make no sense
 * @example
 * tag(model, ['Time', 'flies']) // { tags: ['NOUN', 'VERB'], probabilities: [0.98, 0.91] }
 */
export function tag(model: Model, words: readonly string[] | WordGraph): Tagging {
  checkTask('tag()', model.config, 'tag');
  return tagWith(model, model.runner, [words])[0];
}

/**
 * Tags many texts, batch by batch: several times faster than one by one, with the same results.
 * @returns one tagging a text, in their order
 * @throws as tag() does
 * @example
 * tagAll(model, [['Time', 'flies'], ['Fruit', 'flies', 'like', 'bananas']])
 */
export function tagAll(model: Model, texts: readonly (readonly string[] | WordGraph)[]): Tagging[] {
  checkTask('tagAll()', model.config, 'tag');
  checkList('tagAll()', texts, 'a list of lists of words');
  return tagWith(model, model.batchRunner, texts);
}

function tagWith(
  { config }: Model,
  runner: Runner<Answer>,
  texts: readonly (readonly string[] | WordGraph)[],
): Tagging[] {
  const inputs = texts.map((words, i) => checkInput(config, words, `text ${i + 1}`));
  return answersTo(config, runner, inputs, (said, { steps, lengths }, b, _truncated, { view, outcome }) => {
    const best = outcome.tags && view.integers(outcome.tags);
    const tags: string[] = [];
    const probabilities: number[] = [];
    for (let t = 0, n = b; t < lengths[b]; n += steps[t++]) {
      const row = said(n);
      const number = best ? best[n] : largest(row, 0, row.length);
      tags.push(config.labels[number]);
      probabilities.push(row[number]);
    }
    return { tags, probabilities };
  });
}
