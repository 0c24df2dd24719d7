import { cutBatches, type PackedBatch } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import { encoderOf } from '../text/encoder.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type ModelConfig, networkSpec } from './config.ts';
import { type Network, networkOf, type Part } from './network.ts';
import { type BatchLimits, type Head, planNetwork } from './network-plan.ts';
import { encodeInputs, type Input } from './rows.ts';

/** Unknown words whose n-grams are remembered from one call to the next: some 10 MB at the most. */
export const KEPT_WORDS = 20_000;

/** A batch that a thread's part of the network holds: batch.order says which row, counted from `from`, sequence b is. */
export interface Entered<Outcome> {
  readonly part: Part<Outcome>;
  readonly batch: PackedBatch;
  readonly from: number;
  readonly rows: Int32Array;
}

/** Runs a model's network forward over texts, batch after batch. Plans no gradients. */
export interface Runner<Outcome> {
  readonly network: Network<Outcome>;
  /** The corpus is valid until the next call. */
  encode(inputs: readonly Input[]): Corpus;
  /** Packs the rows of a corpus batch by batch and enters each into the network; the caller runs forward. */
  batches(corpus: Corpus): Generator<Entered<Outcome>>;
  /** The same, a batch for each thread at a time; at the end there may not be one for all. */
  rounds(corpus: Corpus): Generator<readonly Entered<Outcome>[]>;
}

/** @param limits of each thread's batch */
export function runnerOf<Outcome>(
  module: WebAssembly.Module,
  config: ModelConfig,
  vocabulary: Vocabulary,
  limits: BatchLimits,
  head: Head<Outcome>,
  threads = 1,
): Runner<Outcome> {
  const plan = planNetwork(module, networkSpec(config, vocabulary), 'predict', limits, head, { threads });
  const network = networkOf(module, plan);
  const encoder = encoderOf(vocabulary, config.maxLength, KEPT_WORDS);
  const parts = [network, ...network.others];

  function* rounds(corpus: Corpus): Generator<readonly Entered<Outcome>[]> {
    const rows = Int32Array.from({ length: corpus.numRows }, (_, row) => row);
    const ends = cutBatches(corpus, rows, limits.maxSequences, limits.maxRows);
    for (let first = 0; first < ends.length; first += threads) {
      const round: Entered<Outcome>[] = [];
      for (const [i, part] of parts.entries()) {
        const at = first + i;
        if (at >= ends.length) {
          part.view.set('B', 0);
          continue;
        }
        const from = at === 0 ? 0 : ends[at - 1];
        const batch = part.enter(corpus, rows, from, ends[at] - from);
        network.bring(batch);
        round.push({ part, batch, from, rows });
      }
      yield round;
    }
  }

  return {
    network,
    encode: (inputs) => encodeInputs(config, encoder, inputs),
    *batches(corpus) {
      for (const [entered] of rounds(corpus)) yield entered;
    },
    rounds,
  };
}

/** Limits for one text at a time. */
export function oneText({ maxLength }: ModelConfig): BatchLimits {
  return { maxSequences: 1, maxRows: maxLength };
}

/** Limits for many texts at once: enough rows to keep the matrix products busy. */
export function manyTexts({ maxLength }: ModelConfig): BatchLimits {
  return { maxSequences: 64, maxRows: Math.max(maxLength, 2048) };
}
