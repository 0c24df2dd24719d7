import { BatchPacker, type PackedBatch, type PackerLimits } from '../data/batch.ts';
import type { Dealer } from '../data/deal.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Part } from '../model/network.ts';
import type { Targets } from '../model/targets.ts';
import type { View } from '../runtime/machine.ts';
import type { Batch } from './batch.ts';
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

  /** Packs the rows that the s-th hand was dealt and enters them with their targets. */
  enter({ corpus, targets }: Batch, { rows, starts }: Dealer, s: number, dropped?: Uint8Array): void {
    this.#batch = this.#packer.pack(corpus, rows, starts[s], starts[s + 1] - starts[s], dropped);
    this.#part.enter(this.#batch);
    this.objective.enter(targets, rows, starts[s], this.#batch);
  }

  /** What was entered last. */
  get batch(): PackedBatch {
    return this.#batch!;
  }

  /** Its share of the batch's mean loss, in nats. */
  get loss(): number {
    return this.batch.numSequences > 0 ? this.objective.loss : 0;
  }

  /** How many texts, words or guesses of what was entered last are right. */
  numRight(targets: Targets, { rows, starts }: Dealer, s: number): number {
    return this.objective.numRight(targets, rows, starts[s], this.batch);
  }
}
