import { show, UsageError } from '../runtime/errors.ts';
import { flag, oneOf, onlyKnown, wholeNumber } from '../runtime/options.ts';
import { maxWordLength, type WordOptions } from './words.ts';

/** How texts become rows of the embedding table; plain JSON, stored with the model. */
export interface TokenizerOptions extends WordOptions {
  /** most words that get a row of their own */
  readonly maxWords: number;
  /** rarer words are known by their n-grams only */
  readonly minCount: number;
  /** rows shared by the character n-grams of all other words; 0 makes each of them `<unknown>` */
  readonly buckets: number;
  /** shortest and longest n-gram, in code points of `<word>` */
  readonly ngrams: readonly [min: number, max: number];
}

const maxRows = 10_000_000;
const NAMES = ['lowercase', 'accents', 'maxWords', 'minCount', 'buckets', 'ngrams'];

/**
 * Fills in what is not given and checks the rest.
 * @param given any of lowercase (true), accents ('keep'), maxWords (10000), minCount (2), buckets (2000), ngrams ([3, 5])
 * @throws UsageError when an option is unknown or has no meaning
 */
export function tokenizerOptions(given: Partial<TokenizerOptions> = {}): TokenizerOptions {
  onlyKnown('tokenizer', given, NAMES);
  const options: TokenizerOptions = {
    lowercase: true,
    accents: 'keep',
    maxWords: 10_000,
    minCount: 2,
    buckets: 2000,
    ngrams: [3, 5],
    ...given,
  };
  const { lowercase, accents, maxWords, minCount, buckets, ngrams } = options;
  const named = (name: keyof TokenizerOptions) => `tokenizer option "${name}"`;
  if (!Array.isArray(ngrams) || ngrams.length !== 2) {
    throw new UsageError(named('ngrams'), { expected: 'two numbers, [min, max]', got: show(ngrams) });
  }
  const max = wholeNumber('tokenizer option "ngrams[1]"', ngrams[1], 1, maxWordLength);
  return {
    lowercase: flag(named('lowercase'), lowercase),
    accents: oneOf(named('accents'), accents, ['keep', 'strip']),
    maxWords: wholeNumber(named('maxWords'), maxWords, 1, maxRows),
    minCount: wholeNumber(named('minCount'), minCount, 1, maxRows),
    buckets: wholeNumber(named('buckets'), buckets, 0, maxRows),
    ngrams: [wholeNumber('tokenizer option "ngrams[0]"', ngrams[0], 1, max), max],
  };
}
