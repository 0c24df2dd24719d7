import { show, UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import type { Answer } from './answer.ts';
import type { ModelConfig } from './config.ts';
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
 * @throws UsageError before the model is trained
 * @example
 * predict(model, 'a joy to watch') // { label: 'positive', probability: 0.97, … }
 */
export function predict(model: Model, text: string): Prediction {
  checkTask('predict()', model.config, 'classify');
  return predictWith(model.runner, model.config, [text])[0];
}

/**
 * Classifies many texts, batch by batch: several times faster than one by one, with the same results.
 * @returns one prediction a text, in their order
 * @throws UsageError before the model is trained
 * @example
 * predictAll(model, ['a joy to watch', 'two hours I will not get back'])
 */
export function predictAll(model: Model, texts: readonly string[]): Prediction[] {
  if (!Array.isArray(texts))
    throw new UsageError('predictAll()', { expected: 'a list of texts', got: show(texts) });
  checkTask('predictAll()', model.config, 'classify');
  return predictWith(model.batchRunner, model.config, texts);
}

function predictWith(runner: Runner<Answer>, config: ModelConfig, texts: readonly string[]): Prediction[] {
  for (const text of texts) {
    if (typeof text !== 'string')
      throw new UsageError('predict()', { expected: 'a string', got: show(text) });
  }
  const { network } = runner;
  const units = outputUnits(config);
  const values = network.machine.floats(network.outcome.values);
  const corpus = runner.encode(texts);
  const predictions = new Array<Prediction>(texts.length);
  for (const { batch, from } of runner.batches(corpus)) {
    network.forward();
    for (let b = 0; b < batch.numSequences; b++) {
      const at = b * stride(units);
      const row = from + batch.order[b];
      predictions[row] = predictionOf(config, values.subarray(at, at + units), corpus.truncated[row] === 1);
    }
  }
  return predictions;
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
