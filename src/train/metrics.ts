import type { ModelConfig } from '../model/config.ts';

/** How well one label is found. */
export interface ClassMetrics {
  /** Share of the rows given this label that bear it; 0 where none was given it. */
  readonly precision: number;
  /** Share of the rows bearing this label that were given it; 0 where none bears it. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Rows that bear it. */
  readonly support: number;
}

/** Counts predictions against targets. */
export class Tally {
  readonly #config: ModelConfig;
  readonly #confusion: number[][];
  readonly #hits: number[];
  readonly #given: number[];
  readonly #borne: number[];

  constructor(config: ModelConfig) {
    const { labels } = config;
    this.#config = config;
    this.#confusion = labels.map(() => labels.map(() => 0));
    this.#hits = labels.map(() => 0);
    this.#given = labels.map(() => 0);
    this.#borne = labels.map(() => 0);
  }

  /** @param borne the numbers of the labels that are right @param given those of the labels that were said */
  count(borne: readonly number[], given: readonly number[]): void {
    for (const label of given) this.#given[label]++;
    for (const label of borne) this.#borne[label]++;
    const hits = given.filter((label) => borne.includes(label));
    for (const label of hits) this.#hits[label]++;
    if (!this.#config.multiLabel) this.#confusion[borne[0]][given[0]]++;
  }

  metrics() {
    const { labels, multiLabel } = this.#config;
    const classes = labels.map((_, i): ClassMetrics => {
      const precision = ratio(this.#hits[i], this.#given[i]);
      const recall = ratio(this.#hits[i], this.#borne[i]);
      const f1 = ratio(2 * this.#hits[i], this.#given[i] + this.#borne[i]);
      return { precision, recall, f1, support: this.#borne[i] };
    });
    return {
      macroF1: classes.reduce((sum, { f1 }) => sum + f1, 0) / classes.length,
      classes: Object.fromEntries(labels.map((label, i) => [label, classes[i]])),
      ...(labels.length > 0 && !multiLabel && { confusion: this.#confusion }),
    };
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
