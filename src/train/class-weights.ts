import type { ModelConfig } from '../model/config.ts';
import type { LabelledText, Row, TaggedWords } from '../model/rows.ts';

/**
 * How much each label counts, in the model's order. `balanced` gives every label as much weight as any other:
 * rows / (labels · rows of the label), of tags words for rows, or in a multi-label model rows without the label / rows with it.
 */
export function classWeightsOf(
  { labels, multiLabel }: ModelConfig,
  rows: readonly Row[],
  given: Readonly<Record<string, number>> | 'balanced',
): number[] {
  if (given !== 'balanced') return labels.map((label) => (Object.hasOwn(given, label) ? given[label] : 1));
  const counts = countLabels(rows);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return labels.map((label) => {
    const count = counts.get(label) ?? 0;
    if (count === 0) return 1;
    return multiLabel ? Math.max(1, rows.length - count) / count : total / (labels.length * count);
  });
}

/** Rows of each label, or words of each tag. */
export function countLabels(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows as readonly Partial<LabelledText & TaggedWords>[]) {
    const labels = row.tags ?? row.label ?? [];
    for (const one of typeof labels === 'string' ? [labels] : labels)
      counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return counts;
}
