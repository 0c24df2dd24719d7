import { DataError, UsageError } from '../runtime/errors.ts';
import type { TrainingState } from './state.ts';

/** Whether a training can go on from a state. @throws DataError or UsageError where it cannot */
export function checkResume(state: TrainingState, fingerprint: string, epochs: number): void {
  if (state.fingerprint !== fingerprint) throw notOfThis();
  if (state.epoch < epochs || (state.epoch === epochs && state.batch === 0)) return;
  throw new UsageError('epochs', {
    expected: `at least ${state.epoch + (state.batch > 0 ? 1 : 0)}, as many as the checkpoint has begun`,
    got: String(epochs),
  });
}

/** Gives the optimiser its memory back. @throws DataError when it is another's */
export function restoreMoments(moments: Float32Array, stored: Float32Array): void {
  if (stored.length !== moments.length) throw notOfThis();
  moments.set(stored);
}

function notOfThis(): DataError {
  return new DataError('the checkpoint does not belong to this training', {
    expected: 'the rows and options it was written with',
    got: 'others',
    cause: 'Resume with the same file and the same options; only epochs may differ.',
  });
}
