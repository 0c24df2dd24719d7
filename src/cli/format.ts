import { lstmOptions } from '../layers/lstm.ts';

const NUMBER = /^[-+]?\d[\d,.]*( ?%)?$/;

/**
 * Lines up text in columns two spaces apart; a column whose cells are all numbers is set to the right.
 * @param rows cells as they shall be printed, all rows of one length, the first row the headings
 * @returns lines without white space at their ends, joined by line breaks
 * @example
 * formatTable([['label', 'rows'], ['positive', '1,024'], ['negative', '87']])
 * // label      rows
 * // positive  1,024
 * // negative     87
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  // A label may hold anything: what moves the cursor must not reach the terminal.
  const cells = rows.map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, '�')));
  const columns = cells[0].map((_, column) => cells.map((row) => row[column]));
  const padded = columns.map((column) => {
    const width = Math.max(...column.map((cell) => cell.length));
    const isNumeric = column.length > 1 && column.slice(1).every((cell) => NUMBER.test(cell));
    return column.map((cell) => (isNumeric ? cell.padStart(width) : cell.padEnd(width)));
  });
  return cells
    .map((_, row) =>
      padded
        .map((column) => column[row])
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A whole number with commas: 1234 → `1,234`. */
export const formatCount = (number: number) => number.toLocaleString('en-US');

/** A span of time as a person says it: `320 ms`, `3.2 s`, `2 min 5 s`, `1 h 2 min`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A share in per cent: 0.825 → `82.5 %`. */
export const formatShare = (share: number) => `${(share * 100).toFixed(1)} %`;

/** A size as disks count it: `812 bytes`, `4.1 kB`, `1.3 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 999_950 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Values of options that are off. */
const OFF: readonly unknown[] = [null, false, 0, 'none'];
const { initializer, recurrentInitializer, forgetBias } = lstmOptions;
/** How weights begin: in all layers that have them the defaults are these. */
const BEGINNING: Readonly<Record<string, { readonly default: unknown }>> = {
  initializer,
  recurrentInitializer,
  forgetBias,
};

/** Options of a layer that do something: those that are off, or as ever, are left out. */
export function formatOptions(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .filter(([name, value]) => (name in BEGINNING ? value !== BEGINNING[name].default : !OFF.includes(value)))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** Says how many texts are not read to their end. */
export function formatTruncated(count: number, maxLength: number): string {
  const [texts, beginnings] = count === 1 ? ['text is', 'beginning is'] : ['texts are', 'beginnings are'];
  return `${formatCount(count)} ${texts} longer than ${maxLength} words: only the ${beginnings} read.`;
}
