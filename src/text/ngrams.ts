import { maxWordLength } from './words.ts';

/** UTF-8 bytes of one `<word>`, and where each code point starts in them. */
const bytes = /* @__PURE__ */ new Uint8Array((maxWordLength + 2) * 4);
const starts = /* @__PURE__ */ new Int32Array(maxWordLength + 3);
const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * The buckets of a word's character n-grams: FNV-1a (32 bits) over the UTF-8 bytes of each n-gram of `<word>`,
 * modulo `buckets`, in order of first appearance, each once. A word too short for any n-gram counts as one.
 * Source: Bojanowski et al. 2017, "Enriching word vectors with subword information"; Fowler, Noll, Vo 1991.
 * @param word at most `maxWordLength` code points
 * @returns at least 1 and at most `maxNgrams` bucket numbers
 */
export function ngramBuckets(word: string, [min, max]: readonly [number, number], buckets: number): number[] {
  const { written } = encoder.encodeInto(`<${word}>`, bytes);
  let length = 0;
  for (let i = 0; i < written; i++) if ((bytes[i] & 0xc0) !== 0x80) starts[length++] = i;
  starts[length] = written;

  const shortest = Math.min(min, length);
  const found = new Set<number>();
  for (let from = 0; from < length; from++) {
    let hash = 0x811c9dc5;
    for (let to = from + 1; to <= Math.min(from + max, length); to++) {
      for (let i = starts[to - 1]; i < starts[to]; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
      if (to - from >= shortest) found.add((hash >>> 0) % buckets);
    }
  }
  return [...found];
}

/** The most n-grams any word can have. */
export function maxNgrams([min, max]: readonly [number, number]): number {
  let count = 0;
  for (let n = min; n <= max; n++) count += maxWordLength + 2 - n + 1;
  return count;
}
