import { readStored, type Stored } from '../io/stored.ts';
import { show } from '../runtime/errors.ts';
import type { TokenizerOptions } from '../text/options.ts';
import { type Vocabulary, vocabularyFromBytes } from '../text/vocabulary.ts';
import { maxWordLength } from '../text/words.ts';
import { inOrder, isWhole, notRead } from './in-order.ts';
import { openTensorFile, type TensorFile } from './tensor-file.ts';

/** What a file tells of a model that classifies texts; its layers are still to be looked at. */
export interface ModelFile extends Pick<Stored, 'layers' | 'weights'> {
  readonly file: TensorFile;
  readonly labels: readonly string[];
  readonly multiLabel: boolean;
  /** Words of a text that count. */
  readonly maxLength: number;
  readonly vocabulary: Vocabulary;
}

/** @throws DataError when the bytes are no such file, damaged, or of a model with another task */
export function readModelFile(bytes: Uint8Array): ModelFile {
  const file = openTensorFile(bytes);
  const { layers, words, weights, options } = readStored(file.metadata);
  const { task = 'classify', labels, multiLabel, maxLength, tokenizer } = options;
  if (task !== 'classify') throw notRead(`the task ${show(task)}`);
  inOrder(
    typeof multiLabel === 'boolean' && isLabels(labels, multiLabel ? 1 : 2),
    'its labels are not in order',
  );
  inOrder(isWhole(maxLength, 1, 65_536), 'its maxLength is no length');
  return {
    ...{ file, layers, weights, labels, multiLabel, maxLength },
    vocabulary: vocabularyFromBytes(file.tensor('vocabulary', 'U8'), words, readTokenizer(tokenizer)),
  };
}

/** What of its options a tokenizer goes by that does not learn. */
function readTokenizer(stored: unknown): TokenizerOptions {
  const options = { ngrams: [3, 5], ...(stored as Partial<TokenizerOptions>) } as TokenizerOptions;
  const { lowercase, accents, buckets, ngrams } = options;
  const isInOrder =
    typeof lowercase === 'boolean' &&
    (accents === 'keep' || accents === 'strip') &&
    isWhole(buckets, 0, 10_000_000) &&
    Array.isArray(ngrams) &&
    isWhole(ngrams[1], 1, maxWordLength) &&
    isWhole(ngrams[0], 1, ngrams[1]);
  inOrder(isInOrder, 'its tokenizer is not in order');
  return options;
}

function isLabels(labels: unknown, least: number): labels is readonly string[] {
  return (
    Array.isArray(labels) &&
    labels.length >= least &&
    new Set(labels).size === labels.length &&
    labels.every((label) => typeof label === 'string' && label !== '')
  );
}
