import type { Model } from '../model/model.ts';
import { DataError } from '../runtime/errors.ts';
import type { EpochSums, TrainingState } from '../train/state.ts';
import type { Training } from '../train/train.ts';
import { checkFacts, isCount } from './facts.ts';
import { decodeModel, type LoadOptions } from './load.ts';
import { allFinite, damaged, readFloats, readJson, tensor } from './pieces.ts';
import { encodeModel, floatTensor } from './save.ts';

const MOMENTS = 'training.moments';
const BEST = 'training.best';

/**
 * A model in the middle of its training as the bytes of one file: what save() writes, and what it takes to
 * go on to the very same result.
 * @example
 * await writeFile('mood.checkpoint', saveCheckpoint(training));
 */
export function saveCheckpoint(training: Training): Uint8Array<ArrayBuffer> {
  const { learnt, moments, best, ...rest } = training.state();
  const { weights: bestWeights, ...bestFacts } = best ?? {};
  return encodeModel(
    training.model.config,
    learnt,
    [
      floatTensor(MOMENTS, [moments.length], moments),
      ...(bestWeights ? [floatTensor(BEST, [bestWeights.length], bestWeights)] : []),
    ],
    { checkpoint: JSON.stringify({ ...rest, ...(best && { best: bestFacts }) }) },
  );
}

/**
 * Reads what saveCheckpoint() wrote: the model, and the state to resume from.
 * @throws DataError when the bytes are no checkpoint, damaged, or of a newer version
 * @example
 * const { model, state } = await loadCheckpoint(bytes);
 * for await (const epoch of train(model, rows, { ...options, resume: state })) console.log(epoch.loss);
 */
export async function loadCheckpoint(
  bytes: Uint8Array,
  options: LoadOptions = {},
): Promise<{ model: Model; state: TrainingState }> {
  const { model, file } = await decodeModel(bytes, options);
  if (file.metadata.checkpoint === undefined) {
    throw new DataError('the file is a finished model, not a checkpoint', {
      cause: 'Use load() to read it.',
    });
  }
  if (model.config.weights === 'i8') throw damaged('a checkpoint cannot have int8 weights');
  const facts = readJson(file.metadata, 'checkpoint');
  const sums = facts.sums as EpochSums;
  const counts = [facts.epoch, facts.batch, facts.step, facts.taken ?? 0];
  const totals = [sums?.loss, sums?.weight, sums?.right, sums?.rows];
  const inOrder = counts.every(isCount) && totals.every(Number.isFinite) && isListOfNumbers(facts.losses);
  if (!inOrder || typeof facts.fingerprint !== 'string') {
    throw damaged('it does not say where its training stands');
  }
  const moments = allFinite(readFloats(tensor(file, MOMENTS), MOMENTS), MOMENTS);
  const learnt = { vocabulary: model.vocabulary, weights: model.weights.slice(), facts: model.facts };
  const state = { ...facts, learnt, moments } as unknown as TrainingState;
  if (!facts.best) return { model, state };
  const { epoch, value, facts: bestFacts } = facts.best as Record<string, unknown>;
  const weights = allFinite(readFloats(tensor(file, BEST), BEST), BEST);
  if (!isCount(epoch) || typeof value !== 'number' || weights.length !== model.weights.length) {
    throw damaged('its best epoch is not in order');
  }
  return { model, state: { ...state, best: { epoch, value, weights, facts: checkFacts(bestFacts) } } };
}

function isListOfNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every(Number.isFinite);
}
