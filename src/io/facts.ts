import type { TrainingFacts } from '../model/model.ts';
import { damaged } from './pieces.ts';

/** Training facts from a file that nobody vouches for. @throws DataError when they are not in order */
export function checkFacts(value: unknown): TrainingFacts {
  const facts = (value ?? {}) as TrainingFacts;
  const { epochs, steps, rows, validation } = facts;
  const inOrder =
    [epochs, steps, rows, validation?.rows ?? 0].every(isCount) &&
    isResult(facts) &&
    (validation === undefined || isResult(validation)) &&
    typeof facts.optimizer === 'string';
  if (inOrder) return facts;
  throw damaged('its training facts are not in order');
}

/** Whether a number from a file can count something. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isResult({ loss, accuracy }: { loss: unknown; accuracy: unknown }): boolean {
  return Number.isFinite(loss) && Number.isFinite(accuracy);
}
