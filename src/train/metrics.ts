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
export interface Tally {
  /** @param borne the numbers of the labels that are right @param given those of the labels that were said */
  count(borne: readonly number[], given: readonly number[]): void;
  /** Counts the tags of one text, word by word and span by span. @param borne those that are right @param given those said */
  countTags(borne: readonly number[], given: readonly number[]): void;
  metrics(): {
    readonly macroF1: number;
    readonly classes: Readonly<Record<string, ClassMetrics>>;
    readonly confusion?: readonly (readonly number[])[];
    readonly spans?: SpanMetrics;
  };
}

/** A tally with nothing in it. */
export function tallyOf({ labels, task, multiLabel }: ModelConfig): Tally {
  const confusion = labels.map(() => labels.map(() => 0));
  const counts = labels.map(none);
  /** By label of a span; none where tags tell no spans. */
  const spans = task === 'tag' && tellSpans(labels) && new Map<string, Counts>();

  const count = (borne: readonly number[], given: readonly number[]) => {
    for (const label of given) {
      counts[label].given++;
      if (borne.includes(label)) counts[label].hits++;
    }
    for (const label of borne) counts[label].borne++;
    if (!multiLabel) confusion[borne[0]][given[0]]++;
  };

  return {
    count,
    countTags(borne, given) {
      for (const [i, tag] of borne.entries()) count([tag], [given[i]]);
      if (!spans) return;
      const countsOf = (label: string) => {
        const known = spans.get(label) ?? none();
        spans.set(label, known);
        return known;
      };
      const [right, said] = [borne, given].map((tags) => spansOf(tags.map((tag) => labels[tag])));
      const isRight = new Set(right.map(({ label, from, to }) => `${from} ${to} ${label}`));
      for (const { label } of right) countsOf(label).borne++;
      for (const { label, from, to } of said) {
        countsOf(label).given++;
        if (isRight.has(`${from} ${to} ${label}`)) countsOf(label).hits++;
      }
    },
    metrics() {
      const classes = counts.map(metricsOf);
      return {
        macroF1: classes.reduce((sum, { f1 }) => sum + f1, 0) / classes.length,
        classes: Object.fromEntries(labels.map((label, i) => [label, classes[i]])),
        ...(labels.length > 0 && !multiLabel && { confusion }),
        ...(spans && { spans: spanMetrics(spans) }),
      };
    },
  };
}

const none = (): Counts => ({ hits: 0, given: 0, borne: 0 });

/** How often something was rightly found, found, and there. */
interface Counts {
  hits: number;
  given: number;
  borne: number;
}

function spanMetrics(counts: ReadonlyMap<string, Counts>): SpanMetrics {
  const all = none();
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
