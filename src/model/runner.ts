import { BatchPacker, cutBatches, type PackedBatch } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import { Encoder } from '../text/encoder.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type ModelConfig, networkSpec } from './config.ts';
import { Network, type Part } from './network.ts';
import { type BatchLimits, type Head, packerLimits, planNetwork } from './network-plan.ts';
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
export class Runner<Outcome> {
  readonly network: Network<Outcome>;
  readonly #encoder: Encoder;
  /** One for each thread. */
  readonly #packers: readonly BatchPacker[];
  readonly #limits: BatchLimits;
  readonly #config: ModelConfig;

  /** @param limits of each thread's batch */
  constructor(
    module: WebAssembly.Module,
    config: ModelConfig,
    vocabulary: Vocabulary,
    limits: BatchLimits,
    head: Head<Outcome>,
    threads = 1,
  ) {
    const spec = networkSpec(config, vocabulary);
    this.network = new Network(module, planNetwork(module, spec, 'predict', limits, head, threads));
    this.#encoder = new Encoder(vocabulary, config.maxLength, KEPT_WORDS);
    const packing = packerLimits(spec, limits);
    this.#packers = Array.from({ length: threads }, () => new BatchPacker(packing));
    this.#limits = limits;
    this.#config = config;
  }

  /** The corpus is valid until the next call. */
  encode(inputs: readonly Input[]): Corpus {
    return encodeInputs(this.#config, this.#encoder, inputs);
  }

  /** Packs the rows of a corpus batch by batch and enters each into the network; the caller runs forward. */
  *batches(corpus: Corpus): Generator<Entered<Outcome>> {
    for (const [entered] of this.rounds(corpus)) yield entered;
  }

  /** The same, a batch for each thread at a time; at the end there may not be one for all. */
  *rounds(corpus: Corpus): Generator<readonly Entered<Outcome>[]> {
    const rows = Int32Array.from({ length: corpus.numRows }, (_, row) => row);
    const { maxSequences, maxRows } = this.#limits;
    const ends = cutBatches(corpus, rows, maxSequences, maxRows);
    const parts = [this.network, ...this.network.others];
    for (let first = 0; first < ends.length; first += parts.length) {
      const round: Entered<Outcome>[] = [];
      for (const [i, part] of parts.entries()) {
        const at = first + i;
        if (at >= ends.length) {
          part.view.set('B', 0);
          continue;
        }
        const from = at === 0 ? 0 : ends[at - 1];
        const batch = this.#packers[i].pack(corpus, rows, from, ends[at] - from);
        this.network.bring(batch);
        part.enter(batch);
        round.push({ part, batch, from, rows });
      }
      yield round;
    }
  }
}

/** Limits for one text at a time. */
export function oneText({ maxLength }: ModelConfig): BatchLimits {
  return { maxSequences: 1, maxRows: maxLength };
}

/** Limits for many texts at once: enough rows to keep the matrix products busy. */
export function manyTexts({ maxLength }: ModelConfig): BatchLimits {
  return { maxSequences: 64, maxRows: Math.max(maxLength, 2048) };
}
