import { DataError, show } from '../runtime/errors.ts';
import type { TaggedRow } from './conll.ts';
import type { Records } from './records.ts';

/** The rows of a file: texts with labels, sentences of tagged words, or texts alone. */
export type FileRows = readonly FileRow[] | readonly TaggedRow[] | readonly TextRow[];

/** A text that nobody has labelled. */
export interface TextRow {
  text: string;
  /** Its line, counted from 1. */
  line: number;
}

export interface FileRow {
  text: string;
  /** One label, or the list of labels (perhaps none) of a multi-label row. */
  label: string | string[];
  /** The line of the file on which the row begins, counted from 1. */
  line: number;
}

/** Whether rows are sentences of tagged words. */
export const areTagged = (rows: FileRows): rows is readonly TaggedRow[] => 'words' in rows[0];

/** Whether rows are texts with labels. */
export const areLabelled = (rows: FileRows): rows is readonly FileRow[] => 'label' in rows[0];

/** The lines of a .txt file that are not empty. @throws DataError when there are none */
export function toTexts(file: string, content: string): TextRow[] {
  const lines = content.split('\n').map((text, i) => ({ text: text.trim(), line: i + 1 }));
  const rows = lines.filter(({ text }) => text !== '');
  if (rows.length > 0) return rows;
  throw new DataError(`${file} holds no text`);
}

/**
 * Takes the chosen columns out of the records.
 * @throws DataError when a row lacks its text or label, or only some rows hold lists of labels
 */
export function toRows(
  file: string,
  records: Records['records'],
  text: string,
  label: string,
  separator: string | undefined,
): FileRow[] {
  const rows = records.map(({ line, fields }, index) => {
    const where = `${file}, row ${index + 1} (line ${line})`;
    const words = fields.get(text);
    if (typeof words !== 'string') {
      const got = show(words);
      throw new DataError(`${where}: the text is missing`, { expected: `words in "${text}"`, got });
    }
    const labels = toLabel(fields.get(label), separator);
    if (labels === undefined) {
      const expected = `a label in "${label}"`;
      throw new DataError(`${where}: the label is missing`, { expected, got: show(fields.get(label)) });
    }
    return { text: words, label: labels, line };
  });
  const isList = Array.isArray(rows[0].label);
  const odd = rows.find((row) => Array.isArray(row.label) !== isList);
  if (odd) {
    const [expected, got] = isList ? ['a list of labels', 'one label'] : ['one label', 'a list of labels'];
    const where = `${file}, line ${odd.line}`;
    throw new DataError(where, { expected: `${expected}, as in line ${rows[0].line}`, got });
  }
  return rows;
}

/** A label, the list of labels when the field is a list or a separator is given, or nothing when one is missing. */
function toLabel(value: unknown, separator: string | undefined): string | string[] | undefined {
  if (Array.isArray(value)) {
    const labels = value.map(toName);
    return labels.includes(undefined) ? undefined : [...new Set(labels as string[])];
  }
  if (separator !== undefined && typeof value === 'string') {
    const labels = value.split(separator).map((label) => label.trim());
    return [...new Set(labels.filter((label) => label !== ''))];
  }
  return toName(value);
}

/** JSON may name a label by a number or a truth; none is empty. */
function toName(value: unknown): string | undefined {
  const isName = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isName ? String(value).trim() || undefined : undefined;
}
