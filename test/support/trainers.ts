import type { Corpus } from '../../src/data/dataset.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { Targets } from '../../src/model/targets.ts';
import type { Batch } from '../../src/train/batch.ts';
import { plainObjective } from '../../src/train/objective.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';
import type { TrainerOptions } from '../../src/train/trainer.ts';

/** What a trainer needs, with nothing in it that does anything of its own. */
export function trainerOptions(config: ModelConfig, options: Partial<TrainerOptions>): TrainerOptions {
  return {
    optimizer: looking,
    objective: plainObjective(config),
    clipNorm: Number.POSITIVE_INFINITY,
    clipValue: Number.POSITIVE_INFINITY,
    wordDropout: 0,
    ...options,
  };
}

/** An optimiser that moves nothing, and whose memory is the gradients that it saw last, in stored order. */
export const looking: Optimizer = {
  kind: 'looking',
  options: { learningRate: 1 },
  plan({ gradient, size, rows, memory, call }) {
    const seen = memory('gradient');
    call('clear', seen, size);
    call('descend', seen, gradient, ...rows, -1);
  },
};

/** All rows of a corpus. */
export function wholeBatch(corpus: Corpus, targets: Targets): Batch {
  const rows = Int32Array.from({ length: corpus.numRows }, (_, row) => row);
  return { corpus, targets, rows, from: 0, count: rows.length };
}
