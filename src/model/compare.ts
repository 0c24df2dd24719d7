import { DataError, show, UsageError } from '../runtime/errors.ts';
import type { Model } from './model.ts';
import { predictAll } from './predict.ts';
import type { WordGraph } from './rows.ts';
import { tagAll } from './tag.ts';

/** How far two models agree. */
export interface Agreement {
  /** How many texts both were asked about. */
  readonly texts: number;
  /** Share of the texts that got equal labels from both; of taggers, of the words that got equal tags. */
  readonly equal: number;
  /** The largest difference between their probabilities of a label; of taggers, where the tags are equal. */
  readonly largestDifference: number;
}

/**
 * Asks two models about the same texts, such as a model and what quantize() made of it.
 * @param texts taggers take lists of words, models that mix over given edges `{ words, edges }`
 * @throws UsageError when one of them is untrained or their labels differ; DataError when there are no texts
 * @example
 * compare(model, quantize(model), texts) // { texts: 500, equal: 0.998, largestDifference: 0.012 }
 */
export function compare(
  model: Model,
  other: Model,
  texts: readonly string[] | readonly (readonly string[])[] | readonly WordGraph[],
): Agreement {
  const { labels, task } = model.config;
  if (JSON.stringify(labels) !== JSON.stringify(other.config.labels)) {
    const [expected, got] = [show(labels), show(other.config.labels)];
    throw new UsageError('compare()', { expected: `models with the same labels, ${expected}`, got });
  }
  const says = task === 'tag' ? wordsSaid : textsSaid;
  const [ours, theirs] = [model, other].map((one) => says(one, texts as readonly never[]));
  if (texts.length === 0) throw new DataError('there are no texts to compare the models on');
  let equal = 0;
  let largestDifference = 0;
  for (const [i, { labels, probabilities }] of ours.entries()) {
    if (labels === theirs[i].labels) equal++;
    else if (task === 'tag') continue; // a probability is of the tag that was said
    for (const [k, probability] of probabilities.entries()) {
      largestDifference = Math.max(largestDifference, Math.abs(probability - theirs[i].probabilities[k]));
    }
  }
  return { texts: texts.length, equal: equal / ours.length, largestDifference };
}

/** What is said of a text or a word: its labels as one string, and probabilities. */
interface Said {
  readonly labels: string;
  readonly probabilities: readonly number[];
}

function textsSaid(model: Model, texts: readonly (string | WordGraph)[]): Said[] {
  return predictAll(model, texts).map(({ labels, probabilities }) => ({
    labels: JSON.stringify(labels),
    probabilities: Object.values(probabilities),
  }));
}

function wordsSaid(model: Model, texts: readonly (readonly string[] | WordGraph)[]): Said[] {
  return tagAll(model, texts).flatMap(({ tags, probabilities }) =>
    tags.map((tag, i) => ({ labels: tag, probabilities: [probabilities[i]] })),
  );
}
