import type { Corpus } from '../data/dataset.ts';
import type { ModelConfig } from '../model/config.ts';
import { type Labelled, labelled, type Row } from '../model/targets.ts';
import { DataError, show } from '../runtime/errors.ts';
import { randomSource } from '../runtime/random.ts';
import { countLabels } from './class-weights.ts';
import { STREAMS } from './streams.ts';

/**
 * Holds rows back for validation: those given, or a random share.
 * @throws DataError naming a row that is wrong by its place in the list it came in
 */
export function splitRows(
  module: WebAssembly.Module,
  config: ModelConfig,
  rows: readonly Row[],
  validation: number | readonly Row[],
): { training: Labelled; validation?: Labelled } {
  const all = labelled(config, rows);
  if (typeof validation !== 'number') {
    if (validation.length === 0) return { training: all };
    return { training: all, validation: labelled(config, validation, 'validation row') };
  }
  if (validation === 0) return { training: all };
  const held = Math.round(rows.length * validation);
  if (held === 0 || held === rows.length) {
    throw new DataError(`validation takes ${held} of ${rows.length} rows`, {
      expected: 'at least one row to validate on and one to train on',
      cause: 'Give another share, or more rows.',
    });
  }
  const order = randomSource(module, rows.length).permutation(rows.length, config.seed, STREAMS.split, 0);
  const isHeld = new Set(order.subarray(0, held));
  return {
    training: labelled(
      config,
      rows.filter((_, row) => !isHeld.has(row)),
    ),
    validation: labelled(
      config,
      rows.filter((_, row) => isHeld.has(row)),
    ),
  };
}

/** @throws DataError when a language model finds no two words beside each other */
export function checkGuesses({ task }: ModelConfig, { starts, numRows }: Corpus): void {
  if (task !== 'language' || starts[numRows] > numRows) return;
  throw new DataError('no text has two words', {
    expected: 'words beside words',
    cause: 'A language model learns from what stands beside what.',
  });
}

/** @throws DataError when there is nothing to tell apart */
export function checkVariety({ task }: ModelConfig, rows: readonly Row[]): void {
  if (task !== 'classify') return;
  const counts = [...countLabels(rows)];
  if (counts.length === 0) throw new DataError('no row bears a label');
  const [label, count] = counts[0];
  if (counts.length > 1 || count < rows.length) return;
  throw new DataError(`all ${count} rows have the label ${show(label)}`, {
    expected: 'rows of at least two labels',
    cause: 'Is the label column the right one?',
  });
}
