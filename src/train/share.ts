import type { PackedBatch } from '../data/batch.ts';
import type { Dealer } from '../data/deal.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Part } from '../model/network.ts';
import type { View } from '../runtime/machine.ts';
import type { Batch } from './batch.ts';
import { type LossBlocks, type Objective, type ObjectiveOptions, objectiveOf } from './objective.ts';

/** What one thread has of each batch: all of it, if there is but one. It may be nothing. */
export interface Share {
  readonly view: View;
  readonly objective: Objective;
  /** Packs the rows that the s-th hand was dealt and enters them with their targets. */
  enter(batch: Batch, dealer: Dealer, s: number, dropped?: Uint8Array): PackedBatch;
}

/** The share of the thread that has such a part of the network. */
export function shareOf(part: Part<LossBlocks>, config: ModelConfig, options: ObjectiveOptions): Share {
  const objective = objectiveOf(part, config, options);
  return {
    view: part.view,
    objective,
    enter({ corpus, targets }, { rows, starts }, s, dropped) {
      const batch = part.enter(corpus, rows, starts[s], starts[s + 1] - starts[s], dropped);
      objective.enter(targets, rows, starts[s], batch);
      return batch;
    },
  };
}
