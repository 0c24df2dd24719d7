// Training steps, one by one: what train() does with a batch.
import { loadSharedModule } from '#threads';
import { encodeRows } from '../src/data/dataset.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { targetsOf } from '../src/model/targets.ts';
import type { Build } from '../src/runtime/kernels.ts';
import { encoderOf } from '../src/text/encoder.ts';
import type { Vocabulary } from '../src/text/vocabulary.ts';
import { plainObjective } from '../src/train/objective.ts';
import { adam } from '../src/train/optimizers/adam.ts';
import { type Trainer, trainerOf } from '../src/train/trainer.ts';
import { BATCH, LABELS } from './models.ts';

const LEARNING_RATE = 1e-3;

/** What the kernels need to run on several cores. */
export async function sharingOf(build: Build, threads: number) {
  return threads > 1 ? { threads, module: await loadSharedModule(build) } : undefined;
}

/** A model in training on texts whose labels alternate, by Adam without clipping. */
export class Stepper {
  /** Tokens of the texts, row after row, and where each row starts. */
  readonly corpus;
  readonly #trainer: Trainer;
  readonly #batch;
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
    const never = Number.POSITIVE_INFINITY;
    const clipping = { clipNorm: never, clipValue: never };
    const options = { optimizer: adam(), objective: plainObjective(config), ...clipping, wordDropout: 0 };
    this.#trainer = trainerOf(module, config, vocabulary, limits, options, sharing);
    this.#trainer.network.initialise(config.seed);
    this.#together = sharing !== undefined;
    this.corpus = encodeRows(encoderOf(vocabulary, config.maxLength), texts);
    const targets = targetsOf(
      config,
      texts.map((text, row) => ({ text, label: LABELS[row % 2] })),
    );
    const rows = Int32Array.from(texts.keys());
    this.#batch = { corpus: this.corpus, targets, rows, from: 0, count: 0 };
  }

  get network(): Trainer['network'] {
    return this.#trainer.network;
  }

  /** One step over `count` rows from row `from` on. @returns the loss before it */
  step(from: number, count: number): number | Promise<number> {
    this.#batch.from = from;
    this.#batch.count = count;
    this.#step++;
    if (this.#together) {
      return this.#trainer.stepTogether(this.#batch, this.#step, LEARNING_RATE).then(({ loss }) => loss);
    }
    return this.#trainer.step(this.#batch, this.#step, LEARNING_RATE).loss;
  }

  /** Ends the other threads. */
  stop(): void {
    this.#trainer.stop();
  }
}
