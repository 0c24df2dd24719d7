import { DataError, show, UsageError } from '../runtime/errors.ts';
import { isSoftmax, type ModelConfig, outputUnits } from './config.ts';

/** A text and its label; several labels where the model is multi-label. */
export interface Row {
  readonly text: string;
  readonly label: string | readonly string[];
}

/**
 * What a model shall say of each row: the number of the label (softmax), or 0 or 1 for each unit (sigmoid).
 * softmax [rows] · sigmoid [rows, units]
 */
export type Targets =
  | { readonly kind: 'softmax'; readonly values: Int32Array; readonly units: number }
  | { readonly kind: 'sigmoid'; readonly values: Float32Array; readonly units: number };

/** Rows, and what a model shall say of them. */
export interface Labelled {
  readonly rows: readonly Row[];
  readonly targets: Targets;
}

/** Checks rows and finds their targets; errors as of {@link targetsOf}. */
export function labelled(config: ModelConfig, rows: readonly Row[], called?: string): Labelled {
  return { targets: targetsOf(config, rows, called), rows };
}

/** Some of the rows, by their numbers. */
export function pick({ rows, targets }: Labelled, numbers: readonly number[]): Labelled {
  const { kind, values, units } = targets;
  const own = { rows: numbers.map((row) => rows[row]) };
  if (kind === 'softmax') {
    return { ...own, targets: { kind, units, values: Int32Array.from(numbers, (row) => values[row]) } };
  }
  const picked = new Float32Array(numbers.length * units);
  for (const [i, row] of numbers.entries()) {
    picked.set(values.subarray(row * units, (row + 1) * units), i * units);
  }
  return { ...own, targets: { kind, units, values: picked } };
}

/**
 * Checks rows and turns their labels into targets.
 * @param called what errors call a row
 * @throws DataError naming the row, counted from 1, whose text or label is missing or unknown
 */
export function targetsOf(config: ModelConfig, rows: readonly Row[], called = 'row'): Targets {
  if (!Array.isArray(rows)) {
    throw new UsageError(`the ${called}s`, { expected: 'a list of { text, label }', got: show(rows) });
  }
  if (rows.length === 0) throw new DataError(`there are no ${called}s`);
  const units = outputUnits(config);
  const numbers = new Map(config.labels.map((label, i) => [label, i]));
  const numberOf = (label: unknown, row: number): number => {
    const number = numbers.get(label as string);
    if (number !== undefined) return number;
    const missing = label === undefined || label === null || label === '';
    throw new DataError(`${called} ${row + 1} has ${missing ? 'no label' : `the label ${show(label)}`}`, {
      expected: listed(config.labels),
      ...(missing && { cause: 'Remove the row or label it.' }),
    });
  };
  const softmax = isSoftmax(config);
  const classes = new Int32Array(softmax ? rows.length : 0);
  const shares = new Float32Array(softmax ? 0 : rows.length * units);
  for (const [row, one] of rows.entries()) {
    const { text, label } = (one ?? {}) as Row;
    if (typeof text !== 'string') {
      throw new DataError(`${called} ${row + 1} has no text`, { expected: 'a string', got: show(text) });
    }
    if (config.multiLabel) {
      const labels = typeof label === 'string' ? [label] : label;
      if (!Array.isArray(labels)) numberOf(undefined, row);
      for (const one of labels) shares[row * units + numberOf(one, row)] = 1;
    } else if (Array.isArray(label)) {
      throw new DataError(`${called} ${row + 1} has a list of labels`, {
        expected: 'one label',
        cause: 'Create the model with multiLabel: true.',
      });
    } else if (softmax) {
      classes[row] = numberOf(label, row);
    } else {
      shares[row] = numberOf(label, row);
    }
  }
  return softmax ? { kind: 'softmax', values: classes, units } : { kind: 'sigmoid', values: shares, units };
}

function listed(labels: readonly string[]): string {
  const shown = labels.slice(0, 12).map((label) => `'${label}'`);
  return `one of ${shown.join(', ')}${labels.length > shown.length ? `, … (${labels.length} in all)` : ''}`;
}
