import type { ModelConfig } from '../model/config.ts';
import { type SpanMetrics, spansOf, tellSpans } from './spans.ts';

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
  /** By label of a span; none where tags tell no spans. */
  readonly #spans: Map<string, Counts> | undefined;

  constructor(config: ModelConfig) {
    const { labels } = config;
    this.#config = config;
    this.#confusion = labels.map(() => labels.map(() => 0));
    this.#hits = labels.map(() => 0);
    this.#given = labels.map(() => 0);
    this.#borne = labels.map(() => 0);
    if (config.task === 'tag' && tellSpans(labels)) this.#spans = new Map();
  }

  /** @param borne the numbers of the labels that are right @param given those of the labels that were said */
  count(borne: readonly number[], given: readonly number[]): void {
    for (const label of given) this.#given[label]++;
    for (const label of borne) this.#borne[label]++;
    const hits = given.filter((label) => borne.includes(label));
    for (const label of hits) this.#hits[label]++;
    if (!this.#config.multiLabel) this.#confusion[borne[0]][given[0]]++;
  }

  /** Counts the tags of one text, word by word and span by span. @param borne those that are right @param given those said */
  countTags(borne: readonly number[], given: readonly number[]): void {
    for (const [i, tag] of borne.entries()) this.count([tag], [given[i]]);
    if (!this.#spans) return;
    const [right, said] = [borne, given].map((tags) => spansOf(tags.map((tag) => this.#config.labels[tag])));
    const isRight = new Set(right.map(({ label, from, to }) => `${from} ${to} ${label}`));
    for (const { label } of right) this.#spanCounts(label).borne++;
    for (const { label, from, to } of said) {
      this.#spanCounts(label).given++;
      if (isRight.has(`${from} ${to} ${label}`)) this.#spanCounts(label).hits++;
    }
  }

  metrics() {
    const { labels, multiLabel } = this.#config;
    const classes = labels.map((_, i) =>
      metricsOf({ hits: this.#hits[i], given: this.#given[i], borne: this.#borne[i] }),
    );
    return {
      macroF1: classes.reduce((sum, { f1 }) => sum + f1, 0) / classes.length,
      classes: Object.fromEntries(labels.map((label, i) => [label, classes[i]])),
      ...(labels.length > 0 && !multiLabel && { confusion: this.#confusion }),
      ...(this.#spans && { spans: spanMetrics(this.#spans) }),
    };
  }

  #spanCounts(label: string): Counts {
    const counts = this.#spans!.get(label) ?? { hits: 0, given: 0, borne: 0 };
    this.#spans!.set(label, counts);
    return counts;
  }
}

/** How often something was rightly found, found, and there. */
interface Counts {
  hits: number;
  given: number;
  borne: number;
}

function spanMetrics(counts: ReadonlyMap<string, Counts>): SpanMetrics {
  const all = { hits: 0, given: 0, borne: 0 };
  for (const { hits, given, borne } of counts.values()) {
    all.hits += hits;
    all.given += given;
    all.borne += borne;
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...metricsOf(all),
    classes: Object.fromEntries(sorted.map(([label, one]) => [label, metricsOf(one)])),
  };
}

function metricsOf({ hits, given, borne }: Counts): ClassMetrics {
  return {
    precision: ratio(hits, given),
    recall: ratio(hits, borne),
    f1: ratio(2 * hits, given + borne),
    support: borne,
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
