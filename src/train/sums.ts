import type { EpochSums } from './state.ts';
import type { StepResult } from './trainer.ts';

/** What an epoch's batches come to so far; before the first of them, what the epoch before came to. */
export interface Sums {
  /** Takes in what came of a batch. */
  add(result: StepResult): void;
  readonly means: { readonly loss: number; readonly accuracy: number };
  /** The epoch is done. */
  end(): void;
  state(): EpochSums;
}

/** Begins to sum, or goes on where another stood. */
export function sumsFrom(
  stood: EpochSums = { loss: 0, weight: 0, right: 0, rows: 0 },
  { loss, accuracy } = { loss: 0, accuracy: 0 },
): Sums {
  let sums = { ...stood };
  let means = { loss, accuracy }; // of the last epoch that is done
  const meansNow = () =>
    sums.rows > 0 ? { loss: sums.loss / sums.weight, accuracy: sums.right / sums.rows } : { ...means };
  return {
    add({ loss, weight, judged, right }) {
      sums.loss += loss * weight;
      sums.weight += weight;
      sums.right += right;
      sums.rows += judged;
    },
    get means() {
      return meansNow();
    },
    end() {
      means = meansNow();
      sums = { loss: 0, weight: 0, right: 0, rows: 0 };
    },
    state: () => ({ ...sums }),
  };
}
