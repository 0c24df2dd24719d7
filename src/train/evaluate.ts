import type { Corpus } from '../data/dataset.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Model } from '../model/model.ts';
import { predictionOf } from '../model/predict.ts';
import { manyTexts, Runner } from '../model/runner.ts';
import { type Row, type Targets, targetsOf } from '../model/targets.ts';
import { DataError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type ClassMetrics, Tally } from './metrics.ts';
import { type LossBlocks, lossHead, Objective, plainObjective } from './objective.ts';
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
  if (rows.length === 0) throw new DataError('evaluate() got no rows');
  const { module, config, vocabulary, weights } = model;
  const targets = targetsOf(config, rows);
  const evaluator = new Evaluator(module, config, vocabulary);
  const corpus = evaluator.encode(rows.map(({ text }) => text));
  return evaluator.evaluate(corpus, targets, weights);
}

/** Evaluates one set of parameters after another. */
export class Evaluator {
  readonly #config: ModelConfig;
  readonly #runner: Runner<LossBlocks>;
  readonly #objective: Objective;

  constructor(module: WebAssembly.Module, config: ModelConfig, vocabulary: Vocabulary) {
    const objective = plainObjective(config);
    this.#config = config;
    this.#runner = new Runner(module, config, vocabulary, manyTexts(config), lossHead(config, objective));
    this.#objective = new Objective(this.#runner.network, config, objective);
  }

  /** The corpus is valid until the next call. */
  encode(texts: Iterable<string>): Corpus {
    return this.#runner.encode(texts);
  }

  async evaluate(corpus: Corpus, targets: Targets, weights: Float32Array): Promise<Evaluation> {
    const config = this.#config;
    const runner = this.#runner;
    const objective = this.#objective;
    const tally = new Tally(config);
    const breather = new Breather();
    const { units } = targets;
    let loss = 0;
    let weight = 0;
    runner.update(weights);
    for (const { batch, from, rows } of runner.batches(corpus)) {
      objective.enter(targets, rows, from, batch);
      runner.network.forward();
      loss += objective.loss * objective.weight;
      weight += objective.weight;
      for (let b = 0; b < batch.numSequences; b++) {
        const at = b * stride(units);
        const said = predictionOf(config, objective.probabilities.subarray(at, at + units), false);
        tally.count(targets, from + batch.order[b], said);
      }
      await breather.breathe();
    }
    let truncated = 0;
    for (const cut of corpus.truncated) truncated += cut;
    return { rows: corpus.numRows, truncated, loss: loss / weight, ...tally.metrics() };
  }
}
