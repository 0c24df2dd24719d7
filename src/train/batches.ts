import { cutBatches } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import type { BatchLimits } from '../model/network-plan.ts';
import type { Targets } from '../model/targets.ts';
import { randomSource } from '../runtime/random.ts';
import type { Batch } from './batch.ts';
import { STREAMS } from './streams.ts';

/** How many rows and words make a batch. */
export interface BatchSize {
  readonly batchSize: number;
  readonly batchTokens: number;
}

/** The batches of a corpus, epoch after epoch, each epoch in an order of its own. */
export interface Batches {
  readonly corpus: Corpus;
  /** The most rows and words of a batch. */
  readonly limits: BatchLimits;
  /** Puts the rows in the order of an epoch. @returns how many batches they make */
  shuffle(epoch: number): number;
  /** A batch of the epoch, by its number; the same object at every call. */
  at(number: number): Batch;
}

/** Cuts a corpus into batches. */
export function batchesOf(
  module: WebAssembly.Module,
  corpus: Corpus,
  targets: Targets,
  { batchSize, batchTokens }: BatchSize,
  seed: number,
): Batches {
  const { starts, numRows } = corpus;
  const random = randomSource(module, numRows);
  const rows = new Int32Array(numRows);
  const batch: Batch = { corpus, targets, rows, from: 0, count: 0 };
  let ends: Int32Array = new Int32Array(0);
  const lengths = Int32Array.from(rows, (_, row) => starts[row + 1] - starts[row]).sort();
  const tokens = lengths.subarray(Math.max(0, numRows - batchSize)).reduce((sum, length) => sum + length, 0);
  return {
    corpus,
    limits: { maxSequences: Math.min(batchSize, numRows), maxRows: Math.min(tokens, batchTokens) },
    shuffle(epoch) {
      rows.set(random.permutation(numRows, seed, STREAMS.order, epoch));
      ends = cutBatches(corpus, rows, batchSize, batchTokens);
      return ends.length;
    },
    at(number) {
      batch.from = number === 0 ? 0 : ends[number - 1];
      batch.count = ends[number] - batch.from;
      return batch;
    },
  };
}
