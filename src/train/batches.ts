import { cutBatches } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import type { Targets } from '../model/targets.ts';
import { RandomSource } from '../runtime/random.ts';
import type { Batch } from './batch.ts';
import { STREAMS } from './streams.ts';

/** How many rows and words make a batch. */
export interface BatchSize {
  readonly batchSize: number;
  readonly batchTokens: number;
}

/** The batches of a corpus, epoch after epoch, each epoch in an order of its own. */
export class Batches {
  readonly corpus: Corpus;
  readonly #size: BatchSize;
  readonly #seed: number;
  readonly #random: RandomSource;
  readonly #batch: Batch;
  #ends: Int32Array = new Int32Array(0);

  constructor(module: WebAssembly.Module, corpus: Corpus, targets: Targets, size: BatchSize, seed: number) {
    this.corpus = corpus;
    this.#size = size;
    this.#seed = seed;
    this.#random = new RandomSource(module, corpus.numRows);
    this.#batch = { corpus, targets, rows: new Int32Array(corpus.numRows), from: 0, count: 0 };
  }

  /** Puts the rows in the order of an epoch. @returns how many batches they make */
  shuffle(epoch: number): number {
    const { rows } = this.#batch;
    const { batchSize, batchTokens } = this.#size;
    rows.set(this.#random.permutation(rows.length, this.#seed, STREAMS.order, epoch));
    this.#ends = cutBatches(this.corpus, rows, batchSize, batchTokens);
    return this.#ends.length;
  }

  /** A batch of the epoch, by its number; the same object at every call. */
  at(number: number): Batch {
    const from = number === 0 ? 0 : this.#ends[number - 1];
    this.#batch.from = from;
    this.#batch.count = this.#ends[number] - from;
    return this.#batch;
  }

  /** The most rows and words of a batch. */
  get limits(): { maxSequences: number; maxRows: number } {
    const { starts, numRows } = this.corpus;
    const { batchSize, batchTokens } = this.#size;
    const lengths = Int32Array.from({ length: numRows }, (_, row) => starts[row + 1] - starts[row]).sort();
    let tokens = 0;
    for (const length of lengths.subarray(Math.max(0, numRows - batchSize))) tokens += length;
    return { maxSequences: Math.min(batchSize, numRows), maxRows: Math.min(tokens, batchTokens) };
  }
}
