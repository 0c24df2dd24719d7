import { checkDeclared, type DeclaredOptions } from '../runtime/declared.ts';
import { show, UsageError } from '../runtime/errors.ts';
import { wholeNumber } from '../runtime/options.ts';
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

const declared = {
  lowercase: { is: 'flag', default: true },
  accents: { is: ['keep', 'strip'], default: 'keep' },
  maxWords: { is: 'whole', from: 1, to: maxRows, default: 10_000 },
  minCount: { is: 'whole', from: 1, to: maxRows, default: 2 },
  buckets: { is: 'whole', from: 0, to: maxRows, default: 2000 },
  ngrams: { is: checkNgrams, default: [3, 5] },
} as const satisfies DeclaredOptions;

const nameOf = (option: string) => `tokenizer option "${option}"`;

/**
 * Fills in what is not given and checks the rest.
 * @param given any of lowercase (true), accents ('keep'), maxWords (10000), minCount (2), buckets (2000), ngrams ([3, 5])
 * @throws UsageError when an option is unknown or has no meaning
 */
export function tokenizerOptions(given: Partial<TokenizerOptions> = {}): TokenizerOptions {
  return checkDeclared('tokenizer', declared, given, nameOf);
}

function checkNgrams(name: string, ngrams: unknown): TokenizerOptions['ngrams'] {
  if (!Array.isArray(ngrams) || ngrams.length !== 2) {
    throw new UsageError(name, { expected: 'two numbers, [min, max]', got: show(ngrams) });
  }
  const max = wholeNumber(nameOf('ngrams[1]'), ngrams[1], 1, maxWordLength);
  return [wholeNumber(nameOf('ngrams[0]'), ngrams[0], 1, max), max];
}
