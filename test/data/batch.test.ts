import { describe, expect, it } from 'vitest';
import { cutBatches, type PackedBatch } from '../../src/data/batch.ts';
import { type Corpus, encodeRows } from '../../src/data/dataset.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { learnVocabulary } from '../../src/text/vocabulary.ts';
import { packerFor } from '../support/packer.ts';

/** Whole numbers below `below`, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const maxLength = 17;
const random = numbers(1);
const texts = Array.from({ length: 60 }, () =>
  Array.from({ length: random(20) }, () => `w${random(30) ** 2 % 97}`).join(' '),
);
const vocabulary = learnVocabulary(texts.slice(0, 30), { buckets: 40, minCount: 3 });
const corpus = encodeRows(encoderOf(vocabulary, maxLength), texts, true);
const limits = { maxSequences: 16, maxRows: 150, maxBag: vocabulary.maxBag, tableRows: vocabulary.tableRows };
const identity = Int32Array.from({ length: corpus.numRows }, (_, i) => i);

const typesOf = ({ tokens, starts }: Corpus, row: number) => [
  ...tokens.subarray(starts[row], starts[row + 1]),
];
const bagOf = ({ bagStart, bagIds }: { bagStart: Int32Array; bagIds: Int32Array }, type: number) => [
  ...bagIds.subarray(bagStart[type], bagStart[type + 1]),
];

/** The parts of a batch that count. */
function contents(batch: PackedBatch) {
  const { numSequences, numSteps, numRows, numDistinct, numBagIds, numTouched } = batch;
  return {
    steps: [...batch.steps.subarray(0, numSteps)],
    lengths: [...batch.lengths.subarray(0, numSequences)],
    index: [...batch.index.subarray(0, numRows)],
    bagStart: [...batch.bagStart.subarray(0, numDistinct + 1)],
    bagIds: [...batch.bagIds.subarray(0, numBagIds)],
    touched: [...batch.touched.subarray(0, numTouched)],
    order: [...batch.order.subarray(0, numSequences)],
  };
}

/** Packing as one would say it, with lists. */
function naivePack(rows: number[], dropped?: Uint8Array): ReturnType<typeof contents> {
  const sequences = rows.map((row, position) => ({ types: typesOf(corpus, row), position }));
  sequences.sort((a, b) => b.types.length - a.types.length || a.position - b.position);
  const steps: number[] = [];
  const shown: number[] = [];
  for (let t = 0; t < (sequences[0]?.types.length ?? 0); t++) {
    const alive = sequences.filter(({ types }) => types.length > t);
    steps.push(alive.length);
    for (const { types } of alive) shown.push(dropped?.[shown.length] ? corpus.subwords[types[t]] : types[t]);
  }
  const distinct = [...new Set(shown.toReversed())].reverse(); // by their last rows
  const bags = distinct.map((type) => bagOf(corpus.bags, type));
  const bagStart = [0];
  for (const [u, bag] of bags.entries()) bagStart.push(bagStart[u] + bag.length);
  return {
    steps,
    lengths: sequences.map(({ types }) => types.length),
    index: shown.map((type) => distinct.indexOf(type)),
    bagStart,
    bagIds: bags.flat(),
    touched: [...new Set(bags.flat())].sort((a, b) => a - b),
    order: sequences.map(({ position }) => position),
  };
}

/** Rows that fit the limits, drawn at random. */
function draw(seed: number): Int32Array {
  const next = numbers(seed);
  const rows: number[] = [];
  let numTokens = 0;
  for (let i = next(17); i > 0; i--) {
    const row = next(corpus.numRows);
    numTokens += typesOf(corpus, row).length;
    if (numTokens > limits.maxRows) break;
    rows.push(row);
  }
  return Int32Array.from(rows);
}

describe('a packer', () => {
  it('packs as the naive twin does, with and without dropped words', () => {
    const packer = packerFor(limits);
    for (let seed = 1; seed <= 200; seed++) {
      const rows = draw(seed);
      const next = numbers(seed);
      const dropped = Uint8Array.from({ length: limits.maxRows }, () => Number(next(3) === 0));
      expect(contents(packer.pack(corpus, rows, 0, rows.length))).toEqual(naivePack([...rows]));
      const masked = contents(packer.pack(corpus, rows, 0, rows.length, dropped));
      expect(masked).toEqual(naivePack([...rows], dropped));
    }
  });

  it('holds every token of every row once, in its place, and no padding', () => {
    const packer = packerFor(limits);
    for (let seed = 1; seed <= 50; seed++) {
      const rows = draw(seed);
      const batch = packer.pack(corpus, rows, 0, rows.length);
      const { steps, lengths, index, order } = contents(batch);
      const shown: number[][][] = order.map(() => []);
      let n = 0;
      for (const alive of steps) for (let b = 0; b < alive; b++) shown[b].push(bagOf(batch, index[n++]));
      expect(n).toBe(batch.numRows);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(batch.numRows);
      for (const [b, position] of order.entries()) {
        expect(shown[b]).toEqual(typesOf(corpus, rows[position]).map((type) => bagOf(corpus.bags, type)));
      }
    }
  });

  it('shows the dropped words as their n-grams', () => {
    const word = vocabulary.words[0];
    const one = encodeRows(encoderOf(vocabulary, maxLength), [`${word} ${word}`], true);
    const batch = packerFor(limits).pack(one, Int32Array.of(0), 0, 1, Uint8Array.of(0, 1));
    expect(bagOf(batch, batch.index[0])).toEqual([vocabulary.rowOf(word)]);
    expect(bagOf(batch, batch.index[1])).toEqual(vocabulary.ngramRows(word));
  });

  it('takes its rows from the middle of an order', () => {
    const rows = Int32Array.of(5, 9, 3, 9, 1);
    expect(contents(packerFor(limits).pack(corpus, rows, 1, 3))).toEqual(naivePack([9, 3, 9]));
  });

  it('fills the same arrays at every call', () => {
    const packer = packerFor(limits);
    const first = packer.pack(corpus, identity, 0, 5);
    const before = { ...first };
    const second = packer.pack(corpus, identity, 7, 9, new Uint8Array(limits.maxRows).fill(1));
    expect(second).toBe(first);
    for (const name of ['steps', 'lengths', 'index', 'bagStart', 'bagIds', 'touched', 'order'] as const) {
      expect(second[name]).toBe(before[name]);
    }
  });

  it('follows an encoder that has grown', () => {
    const encoder = encoderOf(vocabulary, maxLength);
    const packer = packerFor(limits);
    packer.pack(encodeRows(encoder, ['new']), Int32Array.of(0), 0, 1);
    const words = Array.from({ length: 400 }, (_, i) => `new${i}`);
    const grown = encodeRows(encoder, words);
    const batch = packer.pack(grown, Int32Array.of(399), 0, 1);
    expect(bagOf(batch, 0)).toEqual(vocabulary.ngramRows('new399'));
  });

  it('packs the largest batch its limits allow', () => {
    const long = encodeRows(encoderOf(vocabulary, 150), [
      Array.from({ length: 150 }, (_, i) => `${i}`.repeat(9)).join(' '),
    ]);
    const batch = packerFor({ ...limits, maxSequences: 1 }).pack(long, Int32Array.of(0), 0, 1);
    expect([batch.numRows, batch.numSteps, batch.numDistinct]).toEqual([150, 150, 150]);
    expect(batch.numBagIds).toBeLessThanOrEqual(150 * vocabulary.maxBag);
    expect(batch.numTouched).toBe(new Set(batch.bagIds.subarray(0, batch.numBagIds)).size);
  });

  it('refuses what is over its limits, and dropped words without subwords', () => {
    const packer = packerFor(limits);
    expect(() => packer.pack(corpus, identity, 0, 17)).toThrow(/at most 16 rows and 150 tokens, got 17/);
    expect(() => packerFor({ ...limits, maxRows: 20 }).pack(corpus, identity, 0, 16)).toThrow(RangeError);
    const bare = encodeRows(encoderOf(vocabulary, maxLength), texts);
    expect(() => packer.pack(bare, identity, 0, 1, new Uint8Array(99))).toThrow(/without subwords/);
  });
});

describe('cutBatches', () => {
  it('takes as many rows as both limits allow, in order', () => {
    const order = Int32Array.from(identity).reverse();
    for (const [batchSize, maxTokens] of [
      [1, 17],
      [4, 1000],
      [60, 17],
      [16, 50],
      [1000, 100_000],
    ]) {
      const ends = [...cutBatches(corpus, order, batchSize, maxTokens)];
      expect(ends.at(-1)).toBe(order.length);
      for (const [i, end] of ends.entries()) {
        const start = i === 0 ? 0 : ends[i - 1];
        const tokens = (to: number) =>
          [...order.subarray(start, to)].reduce((sum, row) => sum + typesOf(corpus, row).length, 0);
        expect(end).toBeGreaterThan(start);
        expect(end - start).toBeLessThanOrEqual(batchSize);
        expect(tokens(end)).toBeLessThanOrEqual(maxTokens);
        const isFull = end === order.length || end - start === batchSize || tokens(end + 1) > maxTokens;
        expect(isFull).toBe(true);
      }
    }
  });

  it('has no batch for no rows', () => {
    expect(cutBatches(corpus, new Int32Array(0), 4, 100)).toEqual(new Int32Array(0));
  });
});
