import type { ModelConfig } from '../model/config.ts';
import type { Model } from '../model/model.ts';
import type { Weights } from '../model/network.ts';
import { predictionOf } from '../model/predict.ts';
import { manyTexts, Runner } from '../model/runner.ts';
import { type Labelled, labelled, type Row } from '../model/targets.ts';
import { stride } from '../runtime/stride.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type ClassMetrics, Tally } from './metrics.ts';
import { lossHead, Objective, plainObjective } from './objective.ts';
import { Breather } from './pause.ts';

/** How well a model does on labelled rows. */
export interface Evaluation {
  readonly rows: number;
  /** Rows whose text is longer than the model's maxLength. */
  readonly truncated: number;
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Share of rows whose labels are all right. */
  readonly accuracy: number;
  /** Mean of the labels' F1. */
  readonly macroF1: number;
  readonly classes: Readonly<Record<string, ClassMetrics>>;
  /** confusion[true label][predicted label], in the model's order; not for multi-label models. */
  readonly confusion?: readonly (readonly number[])[];
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
  const runner = new Runner(module, config, vocabulary, manyTexts(config), lossHead(config, options));
  const objective = new Objective(runner.network, config, options);
  const corpus = runner.encode(rows.map(({ text }) => text));
  const truncated = corpus.truncated.reduce((sum, cut) => sum + cut, 0);
  const width = stride(targets.units);

  return async (weights) => {
    const tally = new Tally(config);
    const breather = new Breather();
    let loss = 0;
    let weight = 0;
    runner.network.take(weights);
    for (const { batch, from, rows } of runner.batches(corpus)) {
      objective.enter(targets, rows, from, batch);
      runner.network.forward();
      loss += objective.loss * objective.weight;
      weight += objective.weight;
      for (let b = 0; b < batch.numSequences; b++) {
        const values = objective.probabilities.subarray(b * width, b * width + targets.units);
        tally.count(targets, from + batch.order[b], predictionOf(config, values, false));
      }
      await breather.breathe();
    }
    return { rows: corpus.numRows, truncated, loss: loss / weight, ...tally.metrics() };
  };
}
