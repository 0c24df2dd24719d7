/** One measured number. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** What the project promises; absent where it promises nothing. */
  readonly goal?: number;
  /** Whatever explains the value. */
  readonly [detail: string]: string | number | undefined;
}

/** A measurement and where it belongs: what `--json` prints. */
export interface Row extends Measurement {
  readonly suite: string;
}

const FIXED = new Set(['suite', 'name', 'value', 'unit', 'better', 'goal']);

/** Four significant digits. */
export const round = (value: number): number => Number(value.toPrecision(4));

/** Rows for people: aligned columns, then what the rows say in words. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ suite, name, value, unit, goal, better, ...details }) => [
    suite,
    name,
    `${value} ${unit}`,
    goal === undefined ? '' : `${better === 'higher' ? '≥' : '≤'} ${goal}`,
    Object.entries(details)
      .filter(([, detail]) => typeof detail === 'number')
      .map(([key, detail]) => `${key} ${detail}`)
      .join('  '),
  ]);
  const head = ['suite', 'name', 'value', 'goal', 'details'];
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((line) => line[column].length)));
  const lines = [head, ...cells].map((line) =>
    line
      .map((cell, column) => (column === 2 ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  const remarks = rows.flatMap((row) =>
    Object.entries(row)
      .filter(([key, detail]) => typeof detail === 'string' && !FIXED.has(key))
      .map(([key, detail]) => `${row.name}, ${key}: ${detail}`),
  );
  return `${[...lines, '', ...remarks].join('\n')}\n`;
}
