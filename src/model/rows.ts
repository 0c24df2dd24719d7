import { type Corpus, encodeRows, encodeVectors } from '../data/dataset.ts';
import { DataError, show, UsageError } from '../runtime/errors.ts';
import type { Encoder } from '../text/encoder.ts';
import type { Text } from '../text/vocabulary.ts';
import { isOneWord } from '../text/words.ts';
import type { ModelConfig } from './config.ts';
import { featuresOf } from './network-plan.ts';

/** A text and its label; several labels where the model is multi-label. */
export interface LabelledText {
  readonly text: string;
  readonly label: string | readonly string[];
}

/** The words of a text, cut as you cut them, and a tag for each. */
export interface TaggedWords {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** A sequence of vectors, and the number or numbers it stands for. */
export interface NumberRow {
  readonly values: readonly (readonly number[])[];
  readonly target: number | readonly number[];
}

/** A text, and the number or numbers it stands for. */
export interface ScoredText {
  readonly text: string;
  readonly target: number | readonly number[];
}

/** A text that nobody has labelled. */
export interface PlainText {
  readonly text: string;
}

/** What a model learns from, by its task. */
export type Row = LabelledText | TaggedWords | NumberRow | ScoredText | PlainText;

/** What a model reads: a text, words, or vectors. */
export type Input = Text | readonly (readonly number[])[];

/** What of a row the model reads. @throws DataError naming the row when it is not there or no good */
export function inputsOf(config: ModelConfig, rows: readonly Row[], called: string): Input[] {
  return rows.map((row, i) => {
    const { text, words, values } = (row ?? {}) as Partial<PlainText & TaggedWords & NumberRow>;
    const where = `${called} ${i + 1}`;
    if (featuresOf(config.layers) > 0) return checkVectors(config, values, where);
    if (config.task === 'tag') return checkWords(config, words, where);
    if (typeof text === 'string') return text;
    throw new DataError(`${where} has no text`, { expected: 'a string', got: show(text) });
  });
}

/** @throws DataError when they are no words, or more than the model reads */
export function checkWords({ maxLength }: ModelConfig, words: unknown, where: string): readonly string[] {
  if (!Array.isArray(words) || words.length === 0) {
    throw new DataError(`${where} has no words`, { expected: 'a list of words', got: show(words) });
  }
  if (words.length > maxLength) {
    throw new DataError(`${where} has ${words.length} words`, {
      expected: `at most ${maxLength}, the model's maxLength`,
      cause: 'Cut it, or create the model with a larger maxLength: a word that is not read has no tag.',
    });
  }
  const odd = words.findIndex((word) => typeof word !== 'string' || !isOneWord(word));
  if (odd < 0) return words;
  throw new DataError(`${where}, word ${odd + 1}`, {
    expected: 'a word, without white space',
    got: show(words[odd]),
  });
}

/** @throws DataError when they are no vectors of the model's size */
export function checkVectors({ layers }: ModelConfig, values: unknown, where: string) {
  const features = featuresOf(layers);
  if (!Array.isArray(values) || values.length === 0) {
    const expected = `a list of vectors [${features}]`;
    throw new DataError(`${where} has no values`, { expected, got: show(values) });
  }
  const isVector = (vector: unknown) =>
    Array.isArray(vector) && vector.length === features && vector.every(Number.isFinite);
  const odd = values.findIndex((vector) => !isVector(vector));
  if (odd < 0) return values as readonly (readonly number[])[];
  throw new DataError(`${where}, step ${odd + 1}`, {
    expected: `${features} finite numbers`,
    got: show(values[odd]),
  });
}

/** Encodes what a model reads. @param withSubwords also find each word's n-grams, for training with dropped words */
export function encodeInputs(
  { layers }: ModelConfig,
  encoder: Encoder,
  inputs: readonly Input[],
  withSubwords = false,
): Corpus {
  const features = featuresOf(layers);
  if (features === 0) return encodeRows(encoder, inputs as readonly Text[], withSubwords);
  return encodeVectors(encoder, inputs as readonly (readonly (readonly number[])[])[], features);
}

/** What a vocabulary can be learnt from. */
export function textsOf({ layers }: ModelConfig, inputs: readonly Input[]): readonly Text[] {
  return featuresOf(layers) > 0 ? [] : (inputs as readonly Text[]);
}

/** @throws UsageError when there is no list of rows, DataError when it is empty */
export function checkRows({ task, layers }: ModelConfig, rows: readonly Row[], called: string): void {
  const input = featuresOf(layers) > 0 ? 'values' : 'text';
  const one = {
    classify: '{ text, label }',
    tag: '{ words, tags }',
    regress: `{ ${input}, target }`,
    language: '{ text }',
  }[task];
  if (!Array.isArray(rows)) {
    throw new UsageError(`the ${called}s`, { expected: `a list of ${one}`, got: show(rows) });
  }
  if (rows.length === 0) throw new DataError(`there are no ${called}s`);
}
