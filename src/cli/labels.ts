import type { ModelConfig } from '../model/config.ts';
import { DataError, show } from '../runtime/errors.ts';
import { countLabels } from '../train/class-weights.ts';
import type { FileRow } from './read.ts';

/**
 * The labels that rows bear, by code unit, with the number of rows of each.
 * @throws DataError when there is nothing to tell apart
 */
export function labelCounts(file: string, rows: readonly FileRow[]): Map<string, number> {
  const sorted = [...countLabels(rows)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) throw new DataError(`${file}: no row bears a label`);
  const [label, count] = sorted[0];
  if (sorted.length === 1 && count === rows.length) {
    throw new DataError(`${file}: all ${count} rows have the label ${show(label)}`, {
      expected: 'rows of at least two labels',
      cause: 'Is it the right column? Name it with --label.',
    });
  }
  return new Map(sorted);
}

/** @throws DataError naming the line of the first row whose label the model does not know */
export function checkLabels(
  file: string,
  rows: readonly FileRow[],
  { labels, multiLabel }: Pick<ModelConfig, 'labels' | 'multiLabel'>,
): void {
  const known = new Set(labels);
  for (const { label, line } of rows) {
    if (Array.isArray(label) && !multiLabel) {
      throw new DataError(`${file}, line ${line}`, { expected: 'one label', got: 'a list of labels' });
    }
    const unknown = [label].flat().find((one) => !known.has(one));
    if (unknown === undefined) continue;
    throw new DataError(`${file}, line ${line}`, {
      expected: `a label of ${labels.slice(0, 12).map(show).join(', ')}${labels.length > 12 ? ', …' : ''}`,
      got: show(unknown),
      ...(multiLabel && { cause: 'Several labels in one cell need --label-separator.' }),
    });
  }
}
