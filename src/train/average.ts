import type { Place } from './schedule.ts';

/**
 * Which average of the parameters a model is given after an epoch, in place of those that training goes on from. It is
 * kept beside them and goes towards them after each step, rows of the embedding that a batch does not show included:
 * average += share · (parameters − average). What follows no gradient has no average: the running statistics of
 * batchNorm() and layers whose rate is 0 are given as they are.
 */
export interface Average {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * How far the average goes towards the parameters of the step that follows; at 1 it begins anew with them.
   * @param taken parameters that are in it since it began; 0 before the first step
   */
  share(taken: number, place: Place): number;
  /** Whether it can do nothing without rows to validate on. */
  readonly validates?: true;
}

/** How many parameters are in an average after one more step. */
export function takenAfter(taken: number, share: number): number {
  return share === 1 ? 1 : taken + 1;
}
