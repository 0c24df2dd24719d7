import { DataError, UsageError } from '../runtime/errors.ts';
import { fitsMemory } from '../runtime/plan.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { answerHead } from './answer.ts';
import { type ModelConfig, networkSpec } from './config.ts';
import { planNetwork } from './network-plan.ts';
import { manyTexts } from './runner.ts';

/** Memory that a model may take to predict, unless its user allows more. */
export const MAX_BYTES = 2 ** 30;

/** Bytes that predictions take, parameters included: of many texts at a time, which take more than one does. */
function predictionBytes(config: ModelConfig, vocabulary: Vocabulary, module: WebAssembly.Module): number {
  const head = answerHead(config);
  const { memory } = planNetwork(module, networkSpec(config, vocabulary), 'predict', manyTexts(config), head);
  return memory.layOut().pages * 65_536;
}

/** Found before a training rather than after it. @throws UsageError when the model could not predict */
export function checkPredictable(
  config: ModelConfig,
  vocabulary: Vocabulary,
  module: WebAssembly.Module,
): void {
  const bytes = predictionBytes(config, vocabulary, module);
  if (bytes <= MAX_BYTES) return;
  throw new UsageError('the model would take too much memory to predict', {
    expected: `at most ${mebibytes(MAX_BYTES)}`,
    got: mebibytes(bytes),
    cause: 'Make the vocabulary, the layers or maxLength smaller.',
  });
}

/** @throws DataError when a model from a file takes more than its user allows */
export function checkMemory(
  config: ModelConfig,
  vocabulary: Vocabulary,
  module: WebAssembly.Module,
  maxBytes: number,
): void {
  const bytes = predictionBytes(config, vocabulary, module);
  if (bytes <= maxBytes && fitsMemory(bytes / 65_536)) return;
  throw new DataError('the model asks for too much memory', {
    expected: `at most ${mebibytes(maxBytes)}`,
    got: mebibytes(bytes),
    cause: 'If you trust the file, raise maxBytes.',
  });
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
