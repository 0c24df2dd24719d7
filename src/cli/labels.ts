import type { ModelConfig } from '../model/config.ts';
import type { Task } from '../model/task.ts';
import { DataError, show } from '../runtime/errors.ts';
import { countLabels } from '../train/class-weights.ts';
import type { TaggedRow } from './conll.ts';
import { areLabelled, areTagged, type FileRow, type FileRows } from './rows.ts';

/**
 * The labels that rows bear, or the tags of their words, by code unit, with the number of rows or words of each.
 * @throws DataError when there is nothing to tell apart
 */
export function labelCounts(
  file: string,
  rows: readonly FileRow[] | readonly TaggedRow[],
): Map<string, number> {
  const sorted = [...countLabels(rows)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) throw new DataError(`${file}: no row bears a label`);
  const [label, count] = sorted[0];
  if (areTagged(rows) && sorted.length === 1) {
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
  const got = taskOf(rows);
  if (got !== config.task) {
    const [expected, found] = [config.task, got].map((task) => WANTED[task]);
    throw new DataError(file, { expected: `${expected}, as the model learnt from`, got: found });
  }
  const known = new Set(config.labels);
  if (areLabelled(rows)) for (const row of rows) checkLabel(file, row, known, config);
  if (!areTagged(rows)) return;
  for (const { words, tags, line } of rows) {
    const unknown = tags.findIndex((tag) => !known.has(tag));
    if (unknown < 0) continue;
    throw new DataError(`${file}, sentence of line ${line}, ${show(words[unknown])}`, {
      expected: `a tag of ${listed(config.labels)}`,
      got: show(tags[unknown]),
    });
  }
}

/** What a model of each task learns from. */
const WANTED: Readonly<Record<Task, string>> = {
  classify: 'labelled texts',
  tag: 'sentences of tagged words (.conll)',
  language: 'texts alone (.txt)',
  regress: 'rows of numbers, which no file holds',
};

/** What a model that learns from rows is asked. */
export function taskOf(rows: FileRows): Task {
  if (areTagged(rows)) return 'tag';
  return areLabelled(rows) ? 'classify' : 'language';
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
