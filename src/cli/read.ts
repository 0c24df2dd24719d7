import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { DataError, show, UsageError } from '../runtime/errors.ts';
import { readConll } from './conll.ts';
import { fileError } from './file-error.ts';
import { flagOf } from './flags.ts';
import { readFolder } from './read-folder.ts';
import { readText } from './read-text.ts';
import { parseJsonLines, parseTable } from './records.ts';
import { type FileRows, toRows, toTexts } from './rows.ts';

export interface ReadOptions {
  /** The column of the texts, default `text`; its number from 1 when there is no header. */
  text?: string | undefined;
  /** The column of the labels, default `label`; its number from 1 when there is no header. */
  label?: string | undefined;
  /** Text between the labels of one cell; makes every row multi-label. */
  labelSeparator?: string | undefined;
  /** The character between the columns of a .csv file, default `,`; `\t` is a tab. */
  delimiter?: string | undefined;
  /** Whether the first row names the columns, default true. */
  header?: boolean | undefined;
  /** Any encoding that TextDecoder knows, default `utf-8`. */
  encoding?: string | undefined;
  /** The first column of the semantic roles in a CoNLL file, counted from 1. */
  roles?: number | undefined;
}

/** What can be read, and the options that can act on it: on .csv, all. */
const KINDS: Record<string, readonly (keyof ReadOptions)[]> = {
  '.csv': ['text', 'label', 'labelSeparator', 'header', 'encoding', 'delimiter'],
  '.tsv': ['text', 'label', 'labelSeparator', 'header', 'encoding'],
  '.jsonl': ['text', 'label', 'labelSeparator', 'encoding'],
  '.ndjson': ['text', 'label', 'labelSeparator', 'encoding'],
  '.conll': ['text', 'label', 'encoding', 'roles'],
  '.conllu': ['text', 'label', 'encoding'],
  '.txt': ['encoding'],
  folder: ['encoding'],
};

/**
 * Reads labelled texts from a .csv, .tsv, .jsonl or .ndjson file, or from `folder/label/*.txt`, and tagged words from a
 * .conll or .conllu file, or texts alone, one a line, from a .txt file.
 * Texts are kept as they are; white space round labels goes.
 * @returns the rows in the order of the file, and the columns that are called by name
 * @throws DataError when the file or a row in it is bad, naming the line
 * @throws UsageError when an option cannot be, or cannot act on this kind of file
 */
export function readRows(path: string, options: ReadOptions = {}): { rows: FileRows; columns: string[] } {
  const kind = kindOf(path);
  checkOptions(kind, options);
  if (kind === 'folder') return { rows: readFolder(path, options.encoding), columns: [] };

  const content = readText(path, options.encoding);
  if (content.trim() === '') throw new DataError(`${path} is empty`);
  if (kind === '.txt') return { rows: toTexts(path, content), columns: [] };
  if (kind.startsWith('.conll')) return { rows: readConll(path, kind, content, options), columns: [] };
  const { columns, records } = parse(path, kind, content, options);

  const text = findColumn(path, columns, 'text', options);
  const label = findColumn(path, columns, 'label', options);
  if (text === label) throw new UsageError(`--text and --label both name the column ${show(text)}`);
  if (records.length === 0) throw new DataError(`${path} has a header and no rows`);
  return { rows: toRows(path, records, text, label, options.labelSeparator), columns };
}

function parse(path: string, kind: string, content: string, { header = true, delimiter = ',' }: ReadOptions) {
  if (kind === '.csv') {
    return parseTable(path, content, { delimiter: delimiter.replace('\\t', '\t'), quotes: true, header });
  }
  if (kind === '.tsv') return parseTable(path, content, { delimiter: '\t', quotes: false, header });
  return parseJsonLines(path, content);
}

function kindOf(path: string): string {
  try {
    if (statSync(path).isDirectory()) return 'folder';
  } catch (error) {
    throw fileError(`cannot read ${path}`, error);
  }
  const extension = extname(path).toLowerCase();
  if (Object.hasOwn(KINDS, extension)) return extension;
  throw new DataError(`cannot read ${path}`, {
    expected: `a name that ends in ${Object.keys(KINDS).slice(0, -1).join(', ')}, or a folder`,
    got: extension ? `"${extension}"` : 'a name without an ending',
  });
}

function checkOptions(kind: string, options: ReadOptions): void {
  for (const name of [...KINDS['.csv'], 'roles'] as const) {
    const value = options[name];
    // `header: true` is what there is anyway.
    if (value === undefined || value === true || KINDS[kind].includes(name)) continue;
    const flag = value === false ? '--no-header' : flagOf(name);
    throw new UsageError(`${flag} can do nothing for a ${kind === 'folder' ? kind : `${kind} file`}`);
  }
  if (options.labelSeparator === '') {
    throw new UsageError('--label-separator', { expected: 'text', got: 'nothing' });
  }
  if (options.delimiter !== undefined && !/^([^"\r\n\\]|\\t)$/.test(options.delimiter)) {
    const got = show(options.delimiter);
    throw new UsageError('--delimiter', { expected: 'one character such as ; or \\t', got });
  }
}

function findColumn(
  file: string,
  columns: string[],
  role: 'text' | 'label',
  { header = true, ...options }: ReadOptions,
): string {
  const name = options[role] ?? role;
  const places = columns.filter((column) => column === name).length;
  if (places === 1) return name;
  if (places > 1) throw new DataError(`${file}: ${places} columns are called ${show(name)}`);
  if (!header && !options[role]) {
    throw new UsageError(`--no-header needs --${role}`, { expected: `a number from 1 to ${columns.length}` });
  }
  const separator = columns.length === 1 && /[;\t|]/.exec(columns[0]);
  const cause = separator
    ? `Its columns may be separated by ${show(separator[0])}: see --delimiter.`
    : `Name the column of the ${role}s with --${role}.`;
  throw new DataError(file, {
    expected: `a column ${show(name)}`,
    got: `the columns ${list(columns)}`,
    cause,
  });
}

const list = (columns: string[]) =>
  columns.slice(0, 20).map(show).join(', ') + (columns.length > 20 ? ' …' : '');
