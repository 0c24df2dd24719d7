import type { TrainingFacts } from '../model/model.ts';
import type { Settings } from './options.ts';
import type { Setup } from './setup.ts';

/** What a model's file says of its training. @param validation what the last one said, if there is any */
export function factsOf(
  { batches }: Setup,
  { optimizer }: Settings,
  done: Pick<TrainingFacts, 'epochs' | 'steps'>,
  means: Pick<TrainingFacts, 'loss' | 'accuracy'>,
  validation: TrainingFacts['validation'],
): TrainingFacts {
  return {
    ...done,
    rows: batches.corpus.numRows,
    ...means,
    ...(validation && {
      validation: { rows: validation.rows, loss: validation.loss, accuracy: validation.accuracy },
    }),
    optimizer: optimizer.kind,
  };
}
