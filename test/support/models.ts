import type { Model } from '../../src/model/model.ts';
import type { Row } from '../../src/model/targets.ts';
import { type TextClassifierOptions, textClassifier } from '../../src/model/text-classifier.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { type Epoch, train } from '../../src/train/train.ts';
import { testNumbers } from './arena.ts';

const COMMON = ['the', 'a', 'film', 'plot', 'was', 'very', 'it', 'and', 'music', 'so'];
const TELLING = [
  ['bad', 'dull', 'awful', 'boring'],
  ['good', 'lovely', 'great', 'joyful'],
  ['long', 'short', 'old', 'new'],
];

export const LABELS = ['negative', 'positive', 'neutral'];

/** Texts of 1 to 9 words of which one tells the label, and some were never seen before. */
export function toyRows(count: number, { labels = 2, seed = 1 } = {}): { text: string; label: string }[] {
  const numbers = testNumbers(seed);
  const one = (words: readonly string[]) => words[numbers.int(words.length)];
  return Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length: numbers.int(9) }, () => one(COMMON));
    if (words.length > 5) words[0] = `word${i}`;
    words.splice(numbers.int(words.length + 1), 0, one(TELLING[i % labels]));
    return { text: words.join(' '), label: LABELS[i % labels] };
  });
}

/** A model small enough to train in milliseconds, with everything in it that a large one has. */
export function smallModel(options: Partial<TextClassifierOptions> = {}): Promise<Model> {
  return textClassifier({
    labels: LABELS.slice(0, 2),
    embedding: 6,
    lstm: 5,
    bidirectional: true,
    maxLength: 12,
    tokenizer: { buckets: 40 },
    ...options,
  });
}

/** Trains to the end. */
export async function trainOn(
  model: Model,
  rows: readonly Row[],
  options: TrainOptions = {},
): Promise<Epoch[]> {
  const epochs: Epoch[] = [];
  for await (const epoch of train(model, rows, options)) epochs.push(epoch);
  return epochs;
}

/** A small model trained for two epochs. */
export async function trainedModel(options: Partial<TextClassifierOptions> = {}): Promise<Model> {
  const model = await smallModel(options);
  const labels = model.config.labels.length;
  await trainOn(model, toyRows(24, { labels }), { epochs: 2, batchSize: 8 });
  return model;
}
