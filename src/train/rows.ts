import type { Corpus } from '../data/dataset.ts';
import type { ModelConfig } from '../model/config.ts';
import { type Row, targetsOf } from '../model/targets.ts';
import { DataError, show } from '../runtime/errors.ts';
import { RandomSource } from '../runtime/random.ts';
import { countLabels } from './class-weights.ts';
import type { Settings } from './options.ts';
import { STREAMS } from './trainer.ts';

/**
 * Holds rows back for validation: those given, or a random share.
 * @throws DataError naming a row that is wrong by its place in the list it came in
 */
export function splitRows(
  module: WebAssembly.Module,
  config: ModelConfig,
  rows: readonly Row[],
  validation: number | readonly Row[],
): { training: readonly Row[]; validation: readonly Row[] } {
  targetsOf(config, rows);
  if (typeof validation !== 'number') {
    if (validation.length > 0) targetsOf(config, validation, 'validation row');
    return { training: rows, validation };
  }
  if (validation === 0) return { training: rows, validation: [] };
  const held = Math.round(rows.length * validation);
  if (held === 0 || held === rows.length) {
    throw new DataError(`validation takes ${held} of ${rows.length} rows`, {
      expected: 'at least one row to validate on and one to train on',
      cause: 'Give another share, or more rows.',
    });
  }
  const order = new RandomSource(module, rows.length).permutation(rows.length, config.seed, STREAMS.split, 0);
  const isHeld = new Set(order.subarray(0, held));
  return {
    training: rows.filter((_, row) => !isHeld.has(row)),
    validation: rows.filter((_, row) => isHeld.has(row)),
  };
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

/** @throws DataError when a language model finds no two words beside each other */
export function checkGuesses({ task }: ModelConfig, { starts, numRows }: Corpus): void {
  if (task !== 'language' || starts[numRows] > numRows) return;
  throw new DataError('no text has two words', {
    expected: 'words beside words',
    cause: 'A language model learns from what stands beside what.',
  });
}

/** The most words that a batch can hold: those of the longest rows. */
export function mostTokens({ starts, numRows }: Corpus, { batchSize, batchTokens }: Settings): number {
  const lengths = Int32Array.from({ length: numRows }, (_, row) => starts[row + 1] - starts[row]).sort();
  let tokens = 0;
  for (const length of lengths.subarray(Math.max(0, numRows - batchSize))) tokens += length;
  return Math.min(tokens, batchTokens);
}
