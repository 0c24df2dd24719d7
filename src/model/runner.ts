import { BatchPacker, cutBatches, type PackedBatch } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import { Encoder } from '../text/encoder.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type ModelConfig, networkSpec } from './config.ts';
import { Network } from './network.ts';
import { type BatchLimits, featuresOf, type Head, planNetwork } from './network-plan.ts';
import { encodeInputs, type Input } from './rows.ts';

/** Unknown words whose n-grams are remembered from one call to the next: some 10 MB at the most. */
export const KEPT_WORDS = 20_000;

/** Runs a model's network forward over texts, batch after batch. Plans no gradients. */
export class Runner<Outcome> {
  readonly network: Network<Outcome>;
  readonly #encoder: Encoder;
  readonly #packer: BatchPacker;
  readonly #limits: BatchLimits;
  readonly #config: ModelConfig;

  constructor(
    module: WebAssembly.Module,
    config: ModelConfig,
    vocabulary: Vocabulary,
    limits: BatchLimits,
    head: Head<Outcome>,
  ) {
    const spec = networkSpec(config, vocabulary);
    this.network = new Network(module, planNetwork(module, spec, 'predict', limits, head));
    this.#encoder = new Encoder(vocabulary, config.maxLength, KEPT_WORDS);
    const features = featuresOf(config.layers);
    this.#packer = new BatchPacker({ ...limits, tableRows: spec.tableRows, maxBag: spec.maxBag, features });
    this.#limits = limits;
    this.#config = config;
  }

  /** The corpus is valid until the next call. */
  encode(inputs: readonly Input[]): Corpus {
    return encodeInputs(this.#config, this.#encoder, inputs);
  }

  /**
   * Packs the rows of a corpus batch by batch and enters each into the network; the caller runs forward.
   * batch.order says which row, counted from `from`, sequence b is.
   */
  *batches(corpus: Corpus): Generator<{ batch: PackedBatch; from: number; rows: Int32Array }> {
    const rows = Int32Array.from({ length: corpus.numRows }, (_, row) => row);
    const { maxSequences, maxRows } = this.#limits;
    let from = 0;
    for (const end of cutBatches(corpus, rows, maxSequences, maxRows)) {
      const batch = this.#packer.pack(corpus, rows, from, end - from);
      this.network.enter(batch);
      yield { batch, from, rows };
      from = end;
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
