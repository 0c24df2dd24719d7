import { show, UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { type Answer, answerHead, checkAnswer } from './answer.ts';
import type { ModelConfig } from './config.ts';
import { startCrew, type ThreadOptions, threadsOf } from './crew.ts';
import type { Model } from './model.ts';
import { type Prediction, predictionOf } from './prediction.ts';
import { checkText, type WordGraph } from './rows.ts';
import type { Runner } from './runner.ts';
import { checkTask, outputUnits } from './task.ts';

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
  checkList(texts);
  return predictWith(model.batchRunner, model.config, texts);
}

async function predictTogether(
  model: Model,
  texts: readonly (string | WordGraph)[],
  options: ThreadOptions,
): Promise<Prediction[]> {
  const threads = threadsOf('predictAll()', options);
  checkList(texts);
  if (threads === 1) return predictWith(model.batchRunner, model.config, texts);
  const crew = await startCrew(model, answerHead(model.config), threads);
  try {
    const answers = answering(crew.runner, model.config, texts);
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
  const answers = answering(runner, config, texts);
  for (;;) {
    const { done, value } = answers.next();
    if (done) return value;
    runner.network.forward();
  }
}

/** Reads what the network says of texts; it is to be run each time this yields. */
function* answering(
  runner: Runner<Answer>,
  config: ModelConfig,
  texts: readonly (string | WordGraph)[],
): Generator<undefined, Prediction[]> {
  const units = outputUnits(config);
  const corpus = runner.encode(texts.map((text, i) => checkText(config, text, 'predict()', `text ${i + 1}`)));
  const predictions = new Array<Prediction>(texts.length);
  for (const round of runner.rounds(corpus)) {
    yield;
    for (const { part, batch, from } of round) {
      const values = part.view.floats(part.outcome.values);
      for (let b = 0; b < batch.numSequences; b++) {
        const at = b * stride(units);
        const row = from + batch.order[b];
        const said = checkAnswer(values.subarray(at, at + units));
        predictions[row] = predictionOf(config, said, corpus.truncated[row] === 1);
      }
    }
  }
  return predictions;
}

function checkList(texts: unknown): void {
  if (!Array.isArray(texts))
    throw new UsageError('predictAll()', { expected: 'a list of texts', got: show(texts) });
}
