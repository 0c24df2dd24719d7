import { show, UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { type Answer, answerHead, checkAnswer } from './answer.ts';
import type { ModelConfig } from './config.ts';
import { Crew, type ThreadOptions, threadsOf } from './crew.ts';
import type { Model } from './model.ts';
import type { Runner } from './runner.ts';
import { checkTask, outputUnits } from './task.ts';

/** What a model says of a text. */
export interface Prediction {
  /** The most probable label. */
  readonly label: string;
  /** Its probability. */
  readonly probability: number;
  /** Of every label. They sum to one unless the model is multi-label. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** Multi-label models: every label with a probability of at least ½. Otherwise the one label. */
  readonly labels: readonly string[];
  /** Whether the text is longer than the model's maxLength, so that its end was not read. */
  readonly truncated: boolean;
}

/**
 * Classifies one text. Any string will do, an empty one, too.
 * @throws UsageError before the model is trained; DataError when its parameters make no sense, as in a damaged file
 * @example
 * predict(model, 'a joy to watch') // { label: 'positive', probability: 0.97, … }
 */
export function predict(model: Model, text: string): Prediction {
  checkTask('predict()', model.config, 'classify');
  return predictWith(model.runner, model.config, [text])[0];
}

/**
 * Classifies many texts, batch by batch: several times faster than one by one, with the same results, bit for bit.
 * @param options `threads` that share the batches: then it promises the results, which are the same again. They need
 *   time to start, so they pay from some hundred texts on
 * @returns one prediction a text, in their order
 * @throws UsageError before the model is trained, and where there can be no threads: in a browser they need a page that
 *   is cross-origin isolated; GateletError when a thread ends
 * @example
 * predictAll(model, ['a joy to watch', 'two hours I will not get back'])
 * @example
 * await predictAll(model, texts, { threads: 2 })
 */
export function predictAll(model: Model, texts: readonly string[]): Prediction[];
export function predictAll(
  model: Model,
  texts: readonly string[],
  options: ThreadOptions,
): Promise<Prediction[]>;
export function predictAll(model: Model, texts: readonly string[], options?: ThreadOptions) {
  checkTask('predictAll()', model.config, 'classify');
  if (options !== undefined) return predictTogether(model, texts, options);
  checkList(texts);
  return predictWith(model.batchRunner, model.config, texts);
}

async function predictTogether(
  model: Model,
  texts: readonly string[],
  options: ThreadOptions,
): Promise<Prediction[]> {
  const threads = threadsOf('predictAll()', options);
  checkList(texts);
  if (threads === 1) return predictWith(model.batchRunner, model.config, texts);
  const crew = await Crew.start(model, answerHead(model.config), threads);
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

function predictWith(runner: Runner<Answer>, config: ModelConfig, texts: readonly string[]): Prediction[] {
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
  texts: readonly string[],
): Generator<undefined, Prediction[]> {
  for (const text of texts) {
    if (typeof text !== 'string')
      throw new UsageError('predict()', { expected: 'a string', got: show(text) });
  }
  const units = outputUnits(config);
  const corpus = runner.encode(texts);
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

/** Reads the numbers behind the last layer. @param values probabilities [units] */
export function predictionOf(config: ModelConfig, values: Float32Array, truncated: boolean): Prediction {
  const { labels, multiLabel } = config;
  const single = values.length < labels.length; // one unit: the probability of the second of two labels
  const shares = single ? [1 - values[0], values[0]] : Array.from(values);
  let best = 0;
  for (let i = 1; i < shares.length; i++) if (shares[i] > shares[best]) best = i;
  return {
    label: labels[best],
    probability: shares[best],
    probabilities: Object.fromEntries(labels.map((label, i) => [label, shares[i]])),
    labels: multiLabel ? labels.filter((_, i) => shares[i] >= 0.5) : [labels[best]],
    truncated,
  };
}
