import { type Corpus, encodeRows, encodeVectors } from '../data/dataset.ts';
import { encodeEdges } from '../data/edges.ts';
import { DataError, show, UsageError } from '../runtime/errors.ts';
import type { Encoder } from '../text/encoder.ts';
import type { Text } from '../text/vocabulary.ts';
import { isOneWord } from '../text/words.ts';
import type { ModelConfig } from './config.ts';
import { checkEdges, edgesIn } from './edges.ts';
import { edgesOf, featuresOf } from './network-plan.ts';

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

/** The words of a text, cut as you cut them, and pairs of their places, counted from 0, that have an edge. */
export interface WordGraph {
  readonly words: readonly string[];
  readonly edges: readonly (readonly number[])[];
}

/** The same of vectors. */
export interface VectorGraph {
  readonly values: readonly (readonly number[])[];
  readonly edges: readonly (readonly number[])[];
}

/** A row for a model that mixes over given edges, by its task. */
export type GraphRow =
  | (WordGraph & (Omit<LabelledText, 'text'> | Omit<TaggedWords, 'words'> | Omit<ScoredText, 'text'>))
  | (VectorGraph & Omit<NumberRow, 'values'>);

/** What a model learns from, by its task. */
export type Row = LabelledText | TaggedWords | NumberRow | ScoredText | PlainText | GraphRow;

/** What has no edges: a text, words, or vectors. */
type Sequence = Text | readonly (readonly number[])[];

/** What a model reads. */
export type Input = Sequence | WordGraph | VectorGraph;

/** What of a row the model reads. @throws DataError naming the row when it is not there or no good */
export function inputsOf(config: ModelConfig, rows: readonly Row[], called: string): Input[] {
  const { task, layers } = config;
  return rows.map((row, i) => {
    const { text, words, values } = (row ?? {}) as Partial<PlainText & TaggedWords & NumberRow>;
    const sequence = featuresOf(layers) > 0 ? values : task === 'tag' ? words : text;
    return checkInput(config, edgesOf(layers) > 0 ? row : sequence, `${called} ${i + 1}`);
  });
}

/** @throws DataError when it is not what the model reads */
export function checkInput(config: ModelConfig, given: unknown, where: string): Input {
  if (edgesOf(config.layers) > 0) return checkGraph(config, given, where);
  if (featuresOf(config.layers) > 0) return checkVectors(config, given, where);
  if (config.task === 'tag') return checkWords(config, given, where);
  if (typeof given === 'string') return given;
  throw new DataError(`${where} has no text`, { expected: 'a string', got: show(given) });
}

/**
 * A text that a function is asked about, or where the model mixes over given edges a graph.
 * @throws UsageError when it is no string, DataError when it is no good graph
 */
export function checkText(
  config: ModelConfig,
  text: string | WordGraph,
  what: string,
  where: string,
): string | WordGraph {
  if (edgesOf(config.layers) > 0) return checkGraph(config, text, where) as WordGraph;
  if (typeof text === 'string') return text;
  throw new UsageError(what, { expected: 'a string', got: show(text) });
}

/** @throws DataError when there are no edges, or no words or vectors for them to lie between */
function checkGraph(config: ModelConfig, given: unknown, where: string): WordGraph | VectorGraph {
  const { words, values, edges: list } = (given ?? {}) as Partial<WordGraph & VectorGraph>;
  const edges = edgesIn(list, where);
  const graph =
    featuresOf(config.layers) > 0
      ? { values: checkVectors(config, values, where), edges }
      : { words: checkWords(config, words, where), edges };
  checkEdges(config, edges, sequenceOf(graph).length, where);
  return graph;
}

/** @throws DataError when they are no words, or more than a tagger reads */
export function checkWords(
  { task, maxLength }: ModelConfig,
  words: unknown,
  where: string,
): readonly string[] {
  if (!Array.isArray(words) || words.length === 0) {
    throw new DataError(`${where} has no words`, { expected: 'a list of words', got: show(words) });
  }
  if (task === 'tag' && words.length > maxLength) {
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
function checkVectors({ layers }: ModelConfig, values: unknown, where: string) {
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
  const sequences = inputs.map(sequenceOf);
  const corpus =
    features === 0
      ? encodeRows(encoder, sequences as readonly Text[], withSubwords)
      : encodeVectors(encoder, sequences as readonly (readonly (readonly number[])[])[], features);
  if (edgesOf(layers) === 0) return corpus;
  const edges = (inputs as readonly WordGraph[]).map(({ edges }) => edges);
  return { ...corpus, edges: encodeEdges(corpus.starts, edges) };
}

/** What a vocabulary can be learnt from. */
export function textsOf({ layers }: ModelConfig, inputs: readonly Input[]): readonly Text[] {
  return featuresOf(layers) > 0 ? [] : (inputs.map(sequenceOf) as readonly Text[]);
}

function sequenceOf(input: Input): Sequence {
  if (typeof input === 'string' || Array.isArray(input)) return input;
  return 'words' in input ? input.words : (input as VectorGraph).values;
}

/** @throws UsageError when a function that takes a list is given none */
export function checkList(what: string, list: unknown, expected: string): void {
  if (!Array.isArray(list)) throw new UsageError(what, { expected, got: show(list) });
}

/** @throws UsageError when there is no list of rows, DataError when it is empty */
export function checkRows({ task, layers }: ModelConfig, rows: readonly Row[], called: string): void {
  const graph = edgesOf(layers) > 0;
  const input = featuresOf(layers) > 0 ? 'values' : graph || task === 'tag' ? 'words' : 'text';
  const told = { classify: ['label'], tag: ['tags'], regress: ['target'], language: [] }[task];
  const one = `{ ${[input, ...(graph ? ['edges'] : []), ...told].join(', ')} }`;
  checkList(`the ${called}s`, rows, `a list of ${one}`);
  if (rows.length === 0) throw new DataError(`there are no ${called}s`);
}
