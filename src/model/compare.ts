import { DataError, show, UsageError } from '../runtime/errors.ts';
import type { Model } from './model.ts';
import { predictAll } from './predict.ts';

/** How far two models agree. */
export interface Agreement {
  /** How many texts both were asked about. */
  readonly texts: number;
  /** Share of the texts that got equal labels from both. */
  readonly equal: number;
  /** The largest difference between their probabilities of a label. */
  readonly largestDifference: number;
}

/**
 * Asks two models about the same texts, such as a model and what quantize() made of it.
 * @throws UsageError when one of them is untrained or their labels differ; DataError when there are no texts
 * @example
 * compare(model, quantize(model), texts) // { texts: 500, equal: 0.998, largestDifference: 0.012 }
 */
export function compare(model: Model, other: Model, texts: readonly string[]): Agreement {
  const { labels } = model.config;
  if (JSON.stringify(labels) !== JSON.stringify(other.config.labels)) {
    const [expected, got] = [show(labels), show(other.config.labels)];
    throw new UsageError('compare()', { expected: `models with the same labels, ${expected}`, got });
  }
  const [ours, theirs] = [predictAll(model, texts), predictAll(other, texts)];
  if (texts.length === 0) throw new DataError('there are no texts to compare the models on');
  let equal = 0;
  let largestDifference = 0;
  for (const [i, one] of ours.entries()) {
    if (JSON.stringify(one.labels) === JSON.stringify(theirs[i].labels)) equal++;
    for (const label of labels) {
      const difference = Math.abs(one.probabilities[label] - theirs[i].probabilities[label]);
      largestDifference = Math.max(largestDifference, difference);
    }
  }
  return { texts: texts.length, equal: equal / texts.length, largestDifference };
}
