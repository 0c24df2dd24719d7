// Training steps, one by one: what train() does with a batch.
import { loadSharedModule } from '#threads';
import { encodeRows } from '../src/data/dataset.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { targetsOf } from '../src/model/targets.ts';
import type { Build } from '../src/runtime/kernels.ts';
import { Encoder } from '../src/text/encoder.ts';
import type { Vocabulary } from '../src/text/vocabulary.ts';
import { adam } from '../src/train/adam.ts';
import { plainObjective } from '../src/train/objective.ts';
import { Trainer } from '../src/train/trainer.ts';
import { BATCH, LABELS } from './models.ts';

/** What the kernels need to run on several cores. */
export async function sharingOf(build: Build, threads: number) {
  return threads > 1 ? { threads, module: await loadSharedModule(build) } : undefined;
}

/** A model in training on texts whose labels alternate, by Adam without clipping. */
export class Stepper {
  /** Tokens of the texts, row after row, and where each row starts. */
  readonly corpus;
  readonly #trainer: Trainer;
  readonly #targets;
  readonly #order: Int32Array;
  readonly #together: boolean;
  #step = 0;

  constructor(
    module: WebAssembly.Module,
    config: ModelConfig,
    vocabulary: Vocabulary,
    texts: readonly string[],
    sharing: Awaited<ReturnType<typeof sharingOf>> = undefined,
    batch = BATCH,
  ) {
    const limits = { maxSequences: batch, maxRows: batch * config.maxLength };
    this.#trainer = new Trainer(module, config, vocabulary, limits, adam(), plainObjective(config), sharing);
    this.#trainer.network.initialise(config.seed);
    this.#together = sharing !== undefined;
    this.corpus = encodeRows(new Encoder(vocabulary, config.maxLength), texts);
    const rows = texts.map((text, row) => ({ text, label: LABELS[row % 2] }));
    this.#targets = targetsOf(config, rows);
    this.#order = Int32Array.from(rows.keys());
  }

  get network(): Trainer['network'] {
    return this.#trainer.network;
  }

  /** One step over `count` rows from row `from` on. @returns the loss before it */
  step(from: number, count: number): number | Promise<number> {
    const options = { learningRate: 1e-3, clipNorm: Number.POSITIVE_INFINITY, wordDropout: 0 };
    const step = { ...options, step: ++this.#step };
    const work = [this.corpus, this.#targets, this.#order, from, count, step] as const;
    if (this.#together) return this.#trainer.stepTogether(...work).then(({ loss }) => loss);
    return this.#trainer.step(...work).loss;
  }

  /** Ends the other threads. */
  stop(): void {
    this.#trainer.stop();
  }
}
