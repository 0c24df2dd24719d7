import { BatchPacker, type PackedBatch, type PackerLimits } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Part } from '../model/network.ts';
import type { Targets } from '../model/targets.ts';
import type { View } from '../runtime/machine.ts';
import { type LossBlocks, type Objective, type ObjectiveOptions, objectiveOf } from './objective.ts';

/** What one thread has of each batch: all of it, if there is but one. It may be nothing. */
export class Share {
  readonly view: View;
  readonly objective: Objective;
  readonly #part: Part<LossBlocks>;
  readonly #packer: BatchPacker;
  #batch: PackedBatch | undefined;

  constructor(
    part: Part<LossBlocks>,
    config: ModelConfig,
    objective: ObjectiveOptions,
    limits: PackerLimits,
  ) {
    this.view = part.view;
    this.objective = objectiveOf(part, config, objective);
    this.#part = part;
    this.#packer = new BatchPacker(limits);
  }

  /** Packs rows rowNumbers[from, from + count) and enters them with their targets. */
  enter(
    corpus: Corpus,
    targets: Targets,
    rowNumbers: Int32Array,
    from: number,
    count: number,
    dropped?: Uint8Array,
  ): void {
    this.#batch = this.#packer.pack(corpus, rowNumbers, from, count, dropped);
    this.#part.enter(this.#batch);
    this.objective.enter(targets, rowNumbers, from, this.#batch);
  }

  /** What was entered last. */
  get batch(): PackedBatch {
    return this.#batch!;
  }

  /** Its share of the batch's mean loss, in nats. */
  get loss(): number {
    return this.batch.numSequences > 0 ? this.objective.loss : 0;
  }
}
