import { brief, DataError, show } from '../runtime/errors.ts';
import type { ModelConfig } from './config.ts';
import {
  checkRows,
  inputsOf,
  type LabelledText,
  type NumberRow,
  type Row,
  type TaggedWords,
} from './rows.ts';
import { isSoftmax, outputUnits } from './task.ts';

export type { Row };

/**
 * What a model shall say of each row: the number of the label (softmax), 0 or 1 for each unit (sigmoid), the number of
 * each word's tag, numbers, or nothing but what the text itself says.
 * softmax [rows] · sigmoid, numbers [rows, units] · tags of row r: values[starts[r], starts[r+1])
 */
export type Targets =
  | { readonly kind: 'softmax'; readonly values: Int32Array; readonly units: number }
  | { readonly kind: 'sigmoid'; readonly values: Float32Array; readonly units: number }
  | {
      readonly kind: 'tags';
      readonly values: Int32Array;
      readonly starts: Int32Array;
      readonly units: number;
    }
  | { readonly kind: 'numbers'; readonly values: Float32Array; readonly units: number }
  | { readonly kind: 'words'; readonly units: number };

/** The targets of one kind. */
export type TargetsOf<Kind extends Targets['kind']> = Extract<Targets, { kind: Kind }>;

/** Rows, and what a model shall say of them. */
export interface Labelled {
  readonly rows: readonly Row[];
  readonly targets: Targets;
}

/** Checks rows and finds their targets; errors as of {@link targetsOf}. */
export function labelled(config: ModelConfig, rows: readonly Row[], called?: string): Labelled {
  return { targets: targetsOf(config, rows, called), rows };
}

/**
 * Checks rows and turns what is said of them into targets.
 * @param called what errors call a row
 * @throws DataError naming the row, counted from 1, where something is missing or unknown
 */
export function targetsOf(config: ModelConfig, rows: readonly Row[], called = 'row'): Targets {
  checkRows(config, rows, called);
  inputsOf(config, rows, called);
  switch (config.task) {
    case 'classify':
      return labelTargets(config, rows as readonly LabelledText[], called);
    case 'tag':
      return tagTargets(config, rows as readonly TaggedWords[], called);
    case 'regress':
      return numberTargets(config, rows as readonly NumberRow[], called);
    case 'language':
      return { kind: 'words', units: 0 };
  }
}

function labelTargets(config: ModelConfig, rows: readonly LabelledText[], called: string): Targets {
  const units = outputUnits(config);
  const find = finder(config, 'label');
  const softmax = isSoftmax(config);
  const classes = new Int32Array(softmax ? rows.length : 0);
  const shares = new Float32Array(softmax ? 0 : rows.length * units);
  for (const [row, { label }] of rows.entries()) {
    const where = `${called} ${row + 1}`;
    if (config.multiLabel) {
      const labels = typeof label === 'string' ? [label] : label;
      if (!Array.isArray(labels)) find(undefined, where);
      for (const one of labels) shares[row * units + find(one, where)] = 1;
    } else if (Array.isArray(label)) {
      throw new DataError(`${where} has a list of labels`, {
        expected: 'one label',
        cause: 'Create the model with multiLabel: true.',
      });
    } else if (softmax) {
      classes[row] = find(label, where);
    } else {
      shares[row] = find(label, where);
    }
  }
  return softmax ? { kind: 'softmax', values: classes, units } : { kind: 'sigmoid', values: shares, units };
}

function tagTargets(config: ModelConfig, rows: readonly TaggedWords[], called: string): Targets {
  const find = finder(config, 'tag');
  const starts = new Int32Array(rows.length + 1);
  const values = rows.flatMap(({ words, tags }, row) => {
    const where = `${called} ${row + 1}`;
    if (!Array.isArray(tags) || tags.length !== words.length) {
      throw new DataError(`${where} has ${words.length} words`, {
        expected: 'as many tags',
        got: Array.isArray(tags) ? `${tags.length}` : show(tags),
      });
    }
    starts[row + 1] = starts[row] + words.length;
    return tags.map((tag, i) => find(tag, `${where}, word ${i + 1} (${show(words[i])})`));
  });
  return { kind: 'tags', values: Int32Array.from(values), starts, units: outputUnits(config) };
}

function numberTargets({ outputs }: ModelConfig, rows: readonly NumberRow[], called: string): Targets {
  const values = new Float32Array(rows.length * outputs);
  for (const [row, { target }] of rows.entries()) {
    const given = typeof target === 'number' ? [target] : target;
    if (!Array.isArray(given) || given.length !== outputs || !given.every(Number.isFinite)) {
      throw new DataError(`${called} ${row + 1}`, {
        expected: outputs === 1 ? 'a finite number as its target' : `a target of ${outputs} finite numbers`,
        got: show(target),
      });
    }
    values.set(given, row * outputs);
  }
  return { kind: 'numbers', values, units: outputs };
}

/** Finds the number of a label or a tag. @throws DataError when there is none of that name */
function finder({ labels }: ModelConfig, noun: 'label' | 'tag') {
  const numbers = new Map(labels.map((label, i) => [label, i]));
  return (label: unknown, where: string): number => {
    const number = numbers.get(label as string);
    if (number !== undefined) return number;
    const missing = label === undefined || label === null || label === '';
    throw new DataError(`${where} has ${missing ? `no ${noun}` : `the ${noun} ${show(label)}`}`, {
      expected: listed(labels),
      ...(missing && { cause: `Remove the row or ${noun} it.` }),
    });
  };
}

function listed(labels: readonly string[]): string {
  const shown = labels.slice(0, 12).map((label) => `'${brief(label)}'`);
  return `one of ${shown.join(', ')}${labels.length > shown.length ? `, … (${labels.length} in all)` : ''}`;
}
