import { DataError, show } from '../runtime/errors.ts';
import type { Records } from './records.ts';

export interface FileRow {
  text: string;
  /** One label, or the list of labels (perhaps none) of a multi-label row. */
  label: string | string[];
  /** The line of the file on which the row begins, counted from 1. */
  line: number;
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
