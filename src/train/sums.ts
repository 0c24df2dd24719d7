import type { EpochSums } from './state.ts';
import type { StepResult } from './trainer.ts';

/** What an epoch's batches come to so far; before the first of them, what the epoch before came to. */
export class Sums {
  #sums: EpochSums = { loss: 0, weight: 0, right: 0, rows: 0 };
  /** Of the last epoch that is done. */
  #means = { loss: 0, accuracy: 0 };

  /** Takes in what came of a batch. */
  add({ loss, weight, judged, right }: StepResult): void {
    this.#sums.loss += loss * weight;
    this.#sums.weight += weight;
    this.#sums.right += right;
    this.#sums.rows += judged;
  }

  get loss(): number {
    return this.#sums.rows > 0 ? this.#sums.loss / this.#sums.weight : this.#means.loss;
  }

  get accuracy(): number {
    return this.#sums.rows > 0 ? this.#sums.right / this.#sums.rows : this.#means.accuracy;
  }

  get means(): { loss: number; accuracy: number } {
    return { loss: this.loss, accuracy: this.accuracy };
  }

  /** The epoch is done. */
  end(): void {
    this.#means = this.means;
    this.#sums = { loss: 0, weight: 0, right: 0, rows: 0 };
  }

  state(): EpochSums {
    return { ...this.#sums };
  }

  /** Goes on where another stood. */
  restore(sums: EpochSums, { loss, accuracy }: { loss: number; accuracy: number }): void {
    this.#sums = { ...sums };
    this.#means = { loss, accuracy };
  }
}
