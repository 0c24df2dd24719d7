import type { Answer } from './answer.ts';
import type { Model } from './model.ts';
import { answersTo } from './read-answers.ts';
import { checkInput, checkList, type Input, type VectorGraph, type WordGraph } from './rows.ts';
import type { Runner } from './runner.ts';
import { checkTask } from './task.ts';

/**
 * The numbers that a text, or a sequence of vectors, stands for, as a model with the task `regress` has learnt them.
 * @param input a text, or of a model that begins with numbers() a list of vectors; what lies behind maxLength is not read.
 *   Where the model mixes over given edges `{ words, edges }` or `{ values, edges }`
 * @returns [outputs]
 * @throws UsageError before the model is trained, or when its task is another; DataError when the input is no good, or
 *   numbers in it or in the model so large that the answer is none
 * @example
 * estimate(model, [[0.3, 1], [0.9, 0], [0.4, 1]]) // [0.69]
 */
export function estimate(
  model: Model,
  input: string | readonly (readonly number[])[] | WordGraph | VectorGraph,
): number[] {
  checkTask('estimate()', model.config, 'regress');
  return estimateWith(model, model.runner, [input])[0];
}

/**
 * The same of many, batch by batch.
 * @returns [inputs][outputs], in their order
 * @throws as estimate() does
 * @example
 * estimateAll(model, ['a joy to watch', 'not for me']) // [[4.6], [1.9]]
 */
export function estimateAll(
  model: Model,
  inputs: readonly (string | readonly (readonly number[])[] | WordGraph | VectorGraph)[],
): number[][] {
  checkTask('estimateAll()', model.config, 'regress');
  checkList('estimateAll()', inputs, 'a list');
  return estimateWith(model, model.batchRunner, inputs);
}

function estimateWith({ config }: Model, runner: Runner<Answer>, given: readonly Input[]): number[][] {
  const inputs = given.map((input, i) => checkInput(config, input, `input ${i + 1}`));
  return answersTo(config, runner, inputs, (said, _batch, b) => [...said(b)]);
}
