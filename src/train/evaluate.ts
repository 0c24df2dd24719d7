import type { ModelConfig } from '../model/config.ts';
import type { Model } from '../model/model.ts';
import type { Weights } from '../model/network.ts';
import { inputsOf } from '../model/rows.ts';
import { manyTexts, runnerOf } from '../model/runner.ts';
import { type Labelled, labelled, type Row } from '../model/targets.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type ClassMetrics, tallyOf } from './metrics.ts';
import { lossHead, objectiveOf, plainObjective } from './objective.ts';
import { breather } from './pause.ts';
import type { SpanMetrics } from './spans.ts';

/** How well a model does on labelled rows. */
export interface Evaluation {
  readonly rows: number;
  /** Rows whose text is longer than the model's maxLength. */
  readonly truncated: number;
  /** Mean cross-entropy, in nats: of labels a text, of tags and guessed words a word. Of numbers the mean squared error. */
  readonly loss: number;
  /** Share that is right: of rows all of whose labels are; of words; of rows all of whose numbers are near enough. */
  readonly accuracy: number;
  /** Mean of the labels' F1; NaN where there are none. */
  readonly macroF1: number;
  readonly classes: Readonly<Record<string, ClassMetrics>>;
  /** confusion[true label][predicted label], in the model's order; not for multi-label models, nor without labels. */
  readonly confusion?: readonly (readonly number[])[];
  /** Of a tagger whose tags are `O`, `B-…` and `I-…`: how well names, roles or whatever they tell are found as a whole. */
  readonly spans?: SpanMetrics;
}

/**
 * Compares what the model says of rows with their labels.
 * @returns loss, accuracy, and precision, recall and F1 of each label
 * @throws DataError when there are no rows or a label is unknown; UsageError before the model is trained
 * @example
 * const { accuracy } = await evaluate(model, [{ text: 'a joy to watch', label: 'positive' }]);
 */
export async function evaluate(model: Model, rows: readonly Row[]): Promise<Evaluation> {
  const { config, vocabulary, modules } = model;
  return evaluatorOf(modules.fast, config, vocabulary, labelled(config, rows))(model);
}

/** Encodes rows once, to evaluate one set of parameters after another on them. */
export function evaluatorOf(
  module: WebAssembly.Module,
  config: ModelConfig,
  vocabulary: Vocabulary,
  { rows, targets }: Labelled,
): (weights: Weights) => Promise<Evaluation> {
  const options = plainObjective(config);
  const runner = runnerOf(module, config, vocabulary, manyTexts(config), lossHead(config, options));
  const objective = objectiveOf(runner.network, config, options);
  const corpus = runner.encode(inputsOf(config, rows, 'row'));
  const truncated = corpus.truncated.reduce((sum, cut) => sum + cut, 0);

  return async (weights) => {
    const tally = tallyOf(config);
    const breathe = breather();
    let loss = 0;
    let weight = 0;
    let right = 0;
    let judged = 0;
    runner.network.take(weights);
    for (const { batch, from, rows } of runner.batches(corpus)) {
      objective.enter(targets, rows, from, batch);
      runner.network.forward();
      loss += objective.loss * objective.weight;
      weight += objective.weight;
      right += objective.numRight();
      judged += objective.numJudged;
      objective.tally(tally);
      await breathe();
    }
    return {
      rows: corpus.numRows,
      truncated,
      loss: loss / weight,
      accuracy: right / judged,
      ...tally.metrics(),
    };
  };
}
