import type { ModelConfig } from '../model/config.ts';
import { DataError, show } from '../runtime/errors.ts';
import { countLabels } from '../train/class-weights.ts';
import { isTagged } from './conll.ts';
import type { FileRow, FileRows } from './read.ts';

/**
 * The labels that rows bear, or the tags of their words, by code unit, with the number of rows or words of each.
 * @throws DataError when there is nothing to tell apart
 */
export function labelCounts(file: string, rows: FileRows): Map<string, number> {
  const sorted = [...countLabels(rows)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) throw new DataError(`${file}: no row bears a label`);
  const [label, count] = sorted[0];
  if (isTagged(rows) && sorted.length === 1) {
    throw new DataError(`${file}: all ${count} words have the tag ${show(label)}`, {
      expected: 'words of at least two tags',
      cause: 'Is it the right column? Name it with --label.',
    });
  }
  if (sorted.length === 1 && count === rows.length) {
    throw new DataError(`${file}: all ${count} rows have the label ${show(label)}`, {
      expected: 'rows of at least two labels',
      cause: 'Is it the right column? Name it with --label.',
    });
  }
  return new Map(sorted);
}

/**
 * @throws DataError naming the line of the first row whose label the model does not know, or when the model's task and
 *   the rows do not go together
 */
export function checkLabels(file: string, rows: FileRows, config: LabelConfig): void {
  const tags = isTagged(rows);
  if (tags !== (config.task === 'tag')) {
    throw new DataError(file, {
      expected: tags ? 'labelled texts, as the model tells labels' : 'a .conll file, as the model tags words',
      got: tags ? 'tagged words' : 'labelled texts',
    });
  }
  const known = new Set(config.labels);
  if (!tags) {
    for (const row of rows) checkLabel(file, row, known, config);
    return;
  }
  for (const { words, tags, line } of rows) {
    const unknown = tags.findIndex((tag) => !known.has(tag));
    if (unknown < 0) continue;
    throw new DataError(`${file}, sentence of line ${line}, ${show(words[unknown])}`, {
      expected: `a tag of ${listed(config.labels)}`,
      got: show(tags[unknown]),
    });
  }
}

type LabelConfig = Pick<ModelConfig, 'task' | 'labels' | 'multiLabel'>;

function checkLabel(
  file: string,
  { label, line }: FileRow,
  known: ReadonlySet<string>,
  { labels, multiLabel }: LabelConfig,
): void {
  if (Array.isArray(label) && !multiLabel) {
    throw new DataError(`${file}, line ${line}`, { expected: 'one label', got: 'a list of labels' });
  }
  const unknown = [label].flat().find((one) => !known.has(one));
  if (unknown === undefined) return;
  throw new DataError(`${file}, line ${line}`, {
    expected: `a label of ${listed(labels)}`,
    got: show(unknown),
    ...(multiLabel && { cause: 'Several labels in one cell need --label-separator.' }),
  });
}

const listed = (labels: readonly string[]) =>
  labels.slice(0, 12).map(show).join(', ') + (labels.length > 12 ? ', …' : '');
