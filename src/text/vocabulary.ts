import { DataError } from '../runtime/errors.ts';
import { classOf } from './classes.ts';
import { maxNgrams, ngramBuckets } from './ngrams.ts';
import { type TokenizerOptions, tokenizerOptions } from './options.ts';
import { UNSPACED } from './unicode.generated.ts';
import { type WordList, wordListOf } from './word-list.ts';
import { foldWord, maxWordLength, splitWords } from './words.ts';

/** The row an empty text shows. */
export const emptyRow = 0;
/** The row of any word without a row of its own when there are no buckets. */
export const unknownRow = 1;
/** The row of the most frequent word; the other words follow, then the buckets of n-grams. */
export const firstWordRow = 2;

const damaged = 'The file is damaged.';

/** Code units given to `Intl.Segmenter` at once, whose time grows with the square of them. */
const segmentLength = 256;

/** A text, or words that were cut out already. */
export type Text = string | readonly string[];

/** The words a model knows, and the rows of the embedding table that any word shows. */
export interface Vocabulary {
  readonly options: TokenizerOptions;
  /** The words it knows, most frequent first, as one text. @internal */
  readonly list: WordList;
  /** number of rows of the embedding table */
  readonly tableRows: number;
  /** the most rows that one word can show */
  readonly maxBag: number;
  readonly numWords: number;
  /** The words it knows, most frequent first: made when they are first asked for. */
  readonly words: readonly string[];
  /** The row of a word, undefined if it has none of its own. */
  rowOf(word: string): number | undefined;
  /** Puts at least so many of the first words into the index, by default all. */
  index(count?: number): void;
  /** The rows of a word's n-grams: 1 to `maxBag` distinct rows. */
  ngramRows(word: string): number[];
  /** The first `limit` words of a text; words that were cut out already stay as they are cut. Runs without spaces are cut by the words we know, never by the engine. */
  split(text: Text, limit?: number): string[];
}

/** @param list words as `splitWords` yields them, most frequent first; of one that is there twice, the first counts */
export function vocabularyFrom(list: WordList, options: TokenizerOptions): Vocabulary {
  const { buckets, ngrams } = options;
  const numWords = list.length;
  /** The index: of the first words of the list, and of those met so far. */
  const rows = new Map<string, number>();
  /** How many of the first words are in the index. */
  let indexed = 0;
  /** How many words were looked for in the list. */
  let looks = 0;
  let words: readonly string[] | undefined;
  /** Code units of the longest word in a script without spaces. */
  let longest: number | undefined;

  const toArray = () => (words ??= list.toArray());

  const index = (count = numWords) => {
    while (indexed < Math.min(count, numWords)) {
      for (const word of list.blockFrom(indexed)) {
        if (!rows.has(word)) rows.set(word, firstWordRow + indexed);
        indexed++;
      }
    }
  };

  const rowOf = (word: string) => {
    const known = rows.get(word);
    if (known !== undefined || indexed === numWords) return known;
    // It grows with the looks, the faster the more there were: a single text does not wait for an index of all.
    looks++;
    index((looks * looks) / 32);
    const place = list.indexOf(word);
    if (place < 0) return undefined;
    rows.set(word, firstWordRow + place);
    return firstWordRow + place;
  };

  const longestMatches = (run: string, limit: number) => {
    longest ??= toArray().reduce(
      (most, word) => (word.length > most && classOf(word.codePointAt(0)!) === UNSPACED ? word.length : most),
      1,
    );
    const found: string[] = [];
    for (let at = 0; at < run.length && found.length < limit; ) {
      const single = run.codePointAt(at)! > 0xffff ? 2 : 1;
      let end = Math.min(at + longest, run.length);
      while (end > at + single && rowOf(run.slice(at, end)) === undefined) end--;
      end = Math.max(end, at + single);
      found.push(run.slice(at, end));
      at = end;
    }
    return found;
  };

  return {
    options,
    list,
    tableRows: firstWordRow + numWords + buckets,
    maxBag: Math.max(1, Math.min(maxNgrams(ngrams), buckets)),
    numWords,
    get words() {
      return toArray();
    },
    rowOf,
    index,
    ngramRows(word) {
      if (buckets === 0) return [unknownRow];
      return ngramBuckets(word, ngrams, buckets).map((bucket) => firstWordRow + numWords + bucket);
    },
    split(text, limit) {
      if (typeof text !== 'string') return text.slice(0, limit).map((word) => foldWord(word, options));
      return splitWords(text, options, longestMatches, limit);
    },
  };
}

/**
 * Learns the most frequent words of some texts, ties in order of code units.
 *
 * Only here does the engine's `Intl.Segmenter` have a say: it proposes words in scripts written without spaces.
 * Engines without it propose single characters.
 * @returns at most `maxWords` words, each seen at least `minCount` times
 * @throws UsageError when an option has no meaning
 */
export function learnVocabulary(texts: Iterable<Text>, given: Partial<TokenizerOptions> = {}): Vocabulary {
  const options = tokenizerOptions(given);
  const propose = proposer();
  const counts = new Map<string, number>();
  for (const text of texts) {
    const words =
      typeof text === 'string'
        ? splitWords(text, options, propose)
        : text.map((word) => foldWord(word, options));
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts]
    .filter(([, count]) => count >= options.minCount)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, options.maxWords)
    .map(([word]) => word);
  return vocabularyFrom(wordListOf(words.join('\n')), options);
}

function proposer(): (run: string) => string[] {
  if (typeof Intl.Segmenter !== 'function') return (run) => [...run];
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  return (run) => {
    const words: string[] = [];
    for (let at = 0; at < run.length; ) {
      const end = pieceEnd(run, at);
      for (const { segment } of segmenter.segment(run.slice(at, end)))
        if (isShort(segment)) words.push(segment);
      at = end;
    }
    return words;
  };
}

function pieceEnd(run: string, start: number): number {
  const end = start + segmentLength;
  const cutsPair = end < run.length && run.codePointAt(end - 1)! > 0xffff;
  return cutsPair ? end - 1 : Math.min(end, run.length);
}

const isShort = (word: string) => word.length <= maxWordLength || [...word].length <= maxWordLength;

/** The words as UTF-8, one a line. */
export function vocabularyToBytes({ list }: Vocabulary): Uint8Array {
  return new TextEncoder().encode(list.text);
}

/**
 * Reads what `vocabularyToBytes` wrote.
 * @param numWords how many words there must be
 * @param options the ones that the vocabulary was learnt with
 * @throws DataError when the bytes are not such a list of words
 */
export function vocabularyFromBytes(
  bytes: Uint8Array,
  numWords: number,
  options: TokenizerOptions,
): Vocabulary {
  const list = wordListOf(decode(bytes));
  if (list.length !== numWords) {
    throw new DataError('vocabulary', {
      expected: `${numWords} words`,
      got: `${list.length}`,
      cause: damaged,
    });
  }
  if (!list.isPlain) {
    for (const [i, word] of list.toArray().entries()) {
      if (word !== '' && isShort(word)) continue;
      const fault = word === '' ? 'is empty' : 'is too long';
      throw new DataError(`word ${i} of the vocabulary ${fault}`, { cause: damaged });
    }
  }
  return vocabularyFrom(list, options);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DataError('the vocabulary is not UTF-8', { cause: damaged });
  }
}
