import { type Answer, answerHead } from './answer.ts';
import type { ModelConfig } from './config.ts';
import { startCrew, type ThreadOptions, threadsOf } from './crew.ts';
import type { Model } from './model.ts';
import { type Prediction, predictionOf } from './prediction.ts';
import { answering, answersTo, type Reader } from './read-answers.ts';
import { checkList, checkText, type WordGraph } from './rows.ts';
import type { Runner } from './runner.ts';
import { checkTask } from './task.ts';

/**
 * Classifies one text. Any string will do, an empty one, too.
 * @param text of a model that mixes over given edges `{ words, edges }`
 * @throws UsageError before the model is trained; DataError when its parameters make no sense, as in a damaged file, or
 *   when edges are no pairs of places of words
 * @example
 * predict(model, 'a joy to watch') // { label: 'positive', probability: 0.97, … }
 */
export function predict(model: Model, text: string | WordGraph): Prediction {
  checkTask('predict()', model.config, 'classify');
  return predictWith(model.runner, model.config, [text])[0];
}

/**
 * Classifies many texts, batch by batch: several times faster than one by one, with the same results, bit for bit.
 * @returns one prediction a text, in their order
 * @throws UsageError before the model is trained; DataError as predict() does
 * @example
 * predictAll(model, ['a joy to watch', 'two hours I will not get back'])
 */
export function predictAll(model: Model, texts: readonly (string | WordGraph)[]): Prediction[];
/**
 * The same by several threads that share the batches: it promises the results, which are the same again, bit for bit.
 * Threads need time to start, so they pay from some hundred texts on.
 * @param options `threads`, how many
 * @throws UsageError also where there can be no threads: in a browser they need a page that is cross-origin isolated;
 *   GateletError when a thread ends
 * @example
 * await predictAll(model, texts, { threads: 2 })
 */
export function predictAll(
  model: Model,
  texts: readonly (string | WordGraph)[],
  options: ThreadOptions,
): Promise<Prediction[]>;
export function predictAll(model: Model, texts: readonly (string | WordGraph)[], options?: ThreadOptions) {
  checkTask('predictAll()', model.config, 'classify');
  if (options !== undefined) return predictTogether(model, texts, options);
  checkList('predictAll()', texts, 'a list of texts');
  return predictWith(model.batchRunner, model.config, texts);
}

async function predictTogether(
  model: Model,
  texts: readonly (string | WordGraph)[],
  options: ThreadOptions,
): Promise<Prediction[]> {
  const { config } = model;
  const threads = threadsOf('predictAll()', options);
  checkList('predictAll()', texts, 'a list of texts');
  if (threads === 1) return predictWith(model.batchRunner, config, texts);
  const crew = await startCrew(model, answerHead(config), threads);
  try {
    const answers = answering(config, crew.runner, checkTexts(config, texts), reader(config));
    for (;;) {
      const { done, value } = answers.next();
      if (done) return value;
      await crew.forward();
    }
  } finally {
    crew.stop();
  }
}

function predictWith(
  runner: Runner<Answer>,
  config: ModelConfig,
  texts: readonly (string | WordGraph)[],
): Prediction[] {
  return answersTo(config, runner, checkTexts(config, texts), reader(config));
}

const reader =
  (config: ModelConfig): Reader<Prediction> =>
  (said, _batch, b, truncated) =>
    predictionOf(config, said(b), truncated);

function checkTexts(config: ModelConfig, texts: readonly (string | WordGraph)[]) {
  return texts.map((text, i) => checkText(config, text, 'predict()', `text ${i + 1}`));
}
