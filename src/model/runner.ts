import { BatchPacker, cutBatches, type PackedBatch } from '../data/batch.ts';
import { type Corpus, encodeRows } from '../data/dataset.ts';
import type { Block } from '../runtime/plan.ts';
import { Encoder } from '../text/encoder.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { isSoftmax, type ModelConfig, networkSpec, outputUnits } from './config.ts';
import { Network } from './network.ts';
import { type BatchLimits, type Head, planNetwork } from './network-plan.ts';

/** Unknown words whose n-grams are remembered from one call to the next: some 10 MB at the most. */
export const KEPT_WORDS = 20_000;

/** Runs a model's network forward over texts, batch after batch. Plans no gradients. */
export class Runner<Outcome> {
  readonly network: Network<Outcome>;
  readonly #encoder: Encoder;
  readonly #packer: BatchPacker;
  readonly #limits: BatchLimits;

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
    this.#packer = new BatchPacker({ ...limits, tableRows: spec.tableRows, maxBag: spec.maxBag });
    this.#limits = limits;
  }

  /** The corpus is valid until the next call. */
  encode(texts: Iterable<string>): Corpus {
    return encodeRows(this.#encoder, texts);
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

/** The head for predictions: probabilities [B, units]. */
export function probabilityHead(config: ModelConfig): Head<Block> {
  const units = outputUnits(config);
  return (context, logits) => {
    const probabilities = context.matrix('probabilities', 'B', units);
    const kernel = isSoftmax(config) ? 'softmaxForward' : 'sigmoidForward';
    context.forward(kernel, probabilities, logits.block, 'B', units);
    return probabilities;
  };
}
