import { UsageError } from '../runtime/errors.ts';
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

/**
 * Fills in what is not given and checks the rest.
 * @param given any of lowercase (true), accents ('keep'), maxWords (10000), minCount (2), buckets (2000), ngrams ([3, 5])
 * @throws UsageError when an option is unknown or has no meaning
 */
export function tokenizerOptions(given: Partial<TokenizerOptions> = {}): TokenizerOptions {
  const options: TokenizerOptions = {
    lowercase: true,
    accents: 'keep',
    maxWords: 10_000,
    minCount: 2,
    buckets: 2000,
    ngrams: [3, 5],
    ...given,
  };
  const { lowercase, accents, maxWords, minCount, buckets, ngrams, ...unknown } = options;
  for (const name of Object.keys(unknown)) refuse(name, 'no option of this name', unknown[name as never]);
  if (typeof lowercase !== 'boolean') refuse('lowercase', 'true or false', lowercase);
  if (accents !== 'keep' && accents !== 'strip') refuse('accents', "'keep' or 'strip'", accents);
  checkInteger('maxWords', maxWords, 1, maxRows);
  checkInteger('minCount', minCount, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('buckets', buckets, 0, maxRows);
  if (!Array.isArray(ngrams) || ngrams.length !== 2) refuse('ngrams', 'two numbers, [min, max]', ngrams);
  const [min, max] = ngrams;
  checkInteger('ngrams[1]', max, 1, maxWordLength);
  checkInteger('ngrams[0]', min, 1, max);
  return { lowercase, accents, maxWords, minCount, buckets, ngrams: [min, max] };
}

function checkInteger(name: string, value: unknown, min: number, max: number): void {
  const fits = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  if (!fits) refuse(name, `a whole number from ${min} to ${max}`, value);
}

function refuse(name: string, expected: string, got: unknown): never {
  throw new UsageError(`tokenizer option "${name}"`, {
    expected,
    got: typeof got === 'number' ? String(got) : JSON.stringify(got),
  });
}
