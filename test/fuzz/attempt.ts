import { loadCheckpoint } from '../../src/io/checkpoint.ts';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { attentionWeights } from '../../src/model/attention-weights.ts';
import { estimate, estimateAll } from '../../src/model/estimate.ts';
import type { Model } from '../../src/model/model.ts';
import { edgesOf, featuresOf } from '../../src/model/network-plan.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { stream } from '../../src/model/stream.ts';
import { tag, tagAll } from '../../src/model/tag.ts';
import { DataError, GateletError, UsageError } from '../../src/runtime/errors.ts';
import { train } from '../../src/train/train.ts';
import { UNTRUSTED } from '../support/texts.ts';
import type { Mutant } from './mutants.ts';

/** Memory that a network of a mutant may take. */
export const MAX_BYTES = 64 * 2 ** 20;
/** What an error may be long; it may quote the file. */
const MAX_MESSAGE = 2000;

export type Outcome = 'refused' | 'works';

/**
 * Loads a mutant and asks it everything.
 * @throws what is a finding: an error that is not ours, one at the wrong moment, an answer that is none
 */
export async function attempt({ seed, bytes }: Mutant, number: number): Promise<Outcome> {
  let model: Model;
  try {
    model = await load(bytes, { maxBytes: MAX_BYTES });
  } catch (error) {
    return refused(error, DataError);
  }
  try {
    ask(model, [UNTRUSTED[number % UNTRUSTED.length], 'a lovely film, unheard of']);
    if (seed.training) await goOn(bytes, seed.training);
  } catch (error) {
    return refused(error, GateletError);
  }
  same(save(await load(save(model))), save(model));
  return 'works';
}

function refused(error: unknown, kind: typeof GateletError): 'refused' {
  if (!(error instanceof kind)) throw error;
  if (error.message.length > MAX_MESSAGE) throw new Error(`an error of ${error.message.length} characters`);
  return 'refused';
}

/** All ways to ask a model; they must agree, and the second answer be as the first. */
function ask(model: Model, texts: readonly string[]): void {
  model.warm();
  const { task, layers } = model.config;
  if (edgesOf(layers) > 0) askGraphs(model);
  else if (task === 'tag') askTags(model);
  else if (task === 'regress') askNumbers(model, texts);
  else if (task === 'classify') askLabels(model, texts);
}

function askTags(model: Model): void {
  const words = ['the', 'dog', '\ud800', 'unheard', 'a'].slice(0, model.config.maxLength);
  const tagging = tag(model, words);
  same(tagAll(model, [words, words]), [tagging, tagging]);
  shares(tagging.probabilities);
}

function askGraphs(model: Model): void {
  const graphs = [
    { words: ['food', 'unheard', 'of'], edges: [[2, 0]] },
    { words: ['\ud800'], edges: [] },
  ];
  const predictions = graphs.map((graph) => predict(model, graph));
  same(predictAll(model, graphs), predictions);
  for (const { probabilities } of predictions) shares(Object.values(probabilities));
}

function askNumbers(model: Model, texts: readonly string[]): void {
  const vector = new Array<number>(featuresOf(model.config.layers)).fill(0.5);
  const inputs = vector.length > 0 ? [[vector], [vector, vector]] : texts;
  const estimates = inputs.map((input) => estimate(model, input));
  same(estimateAll(model, inputs), estimates);
  finite(estimates.flat());
}

function askLabels(model: Model, texts: readonly string[]): void {
  const predictions = texts.map((text) => predict(model, text));
  same(predictAll(model, texts), predictions);
  for (const { probabilities } of predictions) shares(Object.values(probabilities));
  orUsageError(() => shares(attentionWeights(model, texts[1]).map(({ weight }) => weight)));
  orUsageError(() => {
    const reading = stream(model);
    for (const piece of texts) reading.push(piece);
    shares(Object.values(reading.end().probabilities));
  });
}

/** Not every model can do this. */
function orUsageError(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
}

/** Resumes the training of a checkpoint, to its end. */
async function goOn(bytes: Uint8Array, { rows, options }: NonNullable<Mutant['seed']['training']>) {
  const { model, state } = await loadCheckpoint(bytes, { maxBytes: MAX_BYTES });
  for await (const { loss } of train(model, rows, { ...options, resume: state })) finite([loss]);
  ask(model, ['a lovely film']);
}

function shares(values: readonly number[]): void {
  const odd = values.find((share) => !(share >= 0 && share <= 1.0001));
  if (odd !== undefined) throw new Error(`a probability of ${odd}`);
}

function finite(values: readonly number[]): void {
  if (!values.every(Number.isFinite)) throw new Error(`an answer of ${values}`);
}

function same(one: unknown, other: unknown): void {
  const [a, b] = [one, other].map((value) =>
    value instanceof Uint8Array ? value.join() : JSON.stringify(value),
  );
  if (a !== b) throw new Error(`two answers: ${a.slice(0, 300)} and ${b.slice(0, 300)}`);
}
