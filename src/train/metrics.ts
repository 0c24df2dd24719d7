import type { ModelConfig } from '../model/config.ts';
import type { Prediction } from '../model/predict.ts';
import type { Targets } from '../model/targets.ts';

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
  readonly #numbers: Map<string, number>;
  readonly #confusion: number[][];
  readonly #hits: number[];
  readonly #given: number[];
  readonly #borne: number[];
  #rows = 0;
  #right = 0;

  constructor(config: ModelConfig) {
    const { labels } = config;
    this.#config = config;
    this.#numbers = new Map(labels.map((label, i) => [label, i]));
    this.#confusion = labels.map(() => labels.map(() => 0));
    this.#hits = labels.map(() => 0);
    this.#given = labels.map(() => 0);
    this.#borne = labels.map(() => 0);
  }

  count(targets: Targets, row: number, said: Prediction): void {
    const given = said.labels.map((label) => this.#numbers.get(label)!);
    const borne = this.#labelsOf(targets, row);
    for (const label of given) this.#given[label]++;
    for (const label of borne) this.#borne[label]++;
    const hits = given.filter((label) => borne.includes(label));
    for (const label of hits) this.#hits[label]++;
    this.#rows++;
    if (hits.length === given.length && hits.length === borne.length) this.#right++;
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
      accuracy: this.#right / this.#rows,
      macroF1: classes.reduce((sum, { f1 }) => sum + f1, 0) / classes.length,
      classes: Object.fromEntries(labels.map((label, i) => [label, classes[i]])),
      ...(!multiLabel && { confusion: this.#confusion }),
    };
  }

  #labelsOf({ kind, values, units }: Targets, row: number): number[] {
    if (kind === 'softmax') return [values[row]];
    if (!this.#config.multiLabel) return [values[row]]; // one unit: 0 or 1 is the label's number
    const labels: number[] = [];
    for (let k = 0; k < units; k++) if (values[row * units + k] === 1) labels.push(k);
    return labels;
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
