// CoNLL files: a word a line, its columns beside it, a blank line behind each sentence.
import { DataError, show, UsageError } from '../runtime/errors.ts';
import { wholeNumber } from '../runtime/options.ts';
import { replaceSpaces } from '../text/words.ts';
import { tellSpans } from '../train/spans.ts';
import type { ReadOptions } from './read.ts';
import { readRoles } from './roles.ts';

/** The words of a sentence and their tags, and where it stands in the file. */
export interface TaggedRow {
  words: string[];
  tags: string[];
  /** The line of the file on which the sentence begins, counted from 1. */
  line: number;
}

/** A word's line: its number in the file, and its columns. */
export interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Where words and tags stand when nobody says so; without a place, the tags are the last column. */
const COLUMNS: Record<string, { text: string; label?: string }> = {
  '.conll': { text: '1' },
  '.conllu': { text: '2', label: '4' },
};

/**
 * The tags that a model shall know: with each `B-…` of spans its `I-…`, which rows with other spans may need.
 */
export function wholeSpans(tags: readonly string[]): string[] {
  if (!tellSpans(tags)) return [...tags];
  const inside = tags.filter((tag) => tag.startsWith('B-')).map((tag) => `I-${tag.slice(2)}`);
  return [...new Set([...tags, ...inside])].sort();
}

/**
 * Reads sentences of tagged words. Columns stand between tabs, or where a file has none, between white space. Comments
 * (lines before a sentence that begin with #), document marks, and the ranges and empty words of CoNLL-U are left out.
 * With roles, each predicate of a sentence makes a row, as {@link readRoles} says.
 * @throws DataError naming the line that lacks a column; UsageError when a column is no number
 */
export function readConll(file: string, kind: string, text: string, options: ReadOptions): TaggedRow[] {
  const word = columnNumber('--text', options.text ?? COLUMNS[kind].text);
  const label = options.label ?? COLUMNS[kind].label;
  const tag = label === undefined ? undefined : columnNumber('--label', label);
  const roles = options.roles === undefined ? undefined : wholeNumber('--roles', options.roles);
  if (roles !== undefined && options.label !== undefined) {
    throw new UsageError('--label can do nothing beside --roles, which are the tags');
  }
  const rows = sentences(text).flatMap((lines): TaggedRow[] => {
    const { line } = lines[0];
    const words = lines.map((one) => replaceSpaces(cell(file, one, word, 'word'), '_'));
    if (roles !== undefined) return readRoles(file, words, lines, roles).map((row) => ({ ...row, line }));
    return [{ words, tags: lines.map((one) => cell(file, one, tag ?? one.cells.length, 'tag')), line }];
  });
  if (rows.length > 0) return rows;
  throw new DataError(`${file} holds no sentence${roles === undefined ? '' : ' with a predicate'}`);
}

function columnNumber(flag: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(flag, {
    expected: 'the number of a column: in CoNLL files they have no names',
    got: show(text),
  });
}

function sentences(text: string): Line[][] {
  const delimiter = text.includes('\t') ? '\t' : /\s+/;
  const found: Line[][] = [];
  let sentence: Line[] = [];
  const end = () => {
    const words = withoutComments(sentence);
    if (words.length > 0 && words[0].cells[0] !== '-DOCSTART-') found.push(words);
    sentence = [];
  };
  for (const [i, content] of text.split('\n').entries()) {
    const trimmed = delimiter === '\t' ? content.replace(/\r$/, '') : content.trim();
    if (trimmed.trim() === '') end();
    else sentence.push({ line: i + 1, cells: trimmed.split(delimiter) });
  }
  end();
  return found;
}

/** A first line that begins with # is a comment unless it has as many columns as the last, which is a word's. */
function withoutComments(lines: readonly Line[]): Line[] {
  const width = Math.max(2, lines.at(-1)?.cells.length ?? 0);
  const first = lines.findIndex(({ cells }) => !cells[0].startsWith('#') || cells.length === width);
  return first < 0 ? [] : lines.slice(first).filter(({ cells }) => !/^\d+[-.]\d+$/.test(cells[0]));
}

function cell(file: string, { line, cells }: Line, column: number, what: string): string {
  const value = cells[column - 1]?.trim();
  if (value) return value;
  throw new DataError(`${file}, line ${line}: the ${what} is missing`, {
    expected: `something in column ${column}`,
    got: `${cells.length} columns: ${cells.map(show).join(', ')}`,
  });
}
