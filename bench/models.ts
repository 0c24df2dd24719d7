// The models that are measured, untrained: what a step or an answer takes does not depend on what was learnt.
import { dense } from '../src/layers/dense.ts';
import { embedding } from '../src/layers/embedding.ts';
import type { Layer } from '../src/layers/layer.ts';
import { lstm } from '../src/layers/lstm.ts';
import { pool } from '../src/layers/pool.ts';
import { type ModelConfig, modelConfig } from '../src/model/config.ts';
import { Model } from '../src/model/model.ts';
import { listParameters } from '../src/model/network-plan.ts';
import { Vocabulary } from '../src/text/vocabulary.ts';
import { uniform, VOCABULARY, wordList } from './texts.ts';

/** The core model: embedding, hidden size, words a text; and texts a batch. */
export const [E, H, LENGTH, BATCH] = [128, 256, 100, 32];
export const LABELS = ['negative', 'positive'] as const;

/** Embedding → LSTM → last state → one unit: the layers of the core model. */
export const coreLayers = (hidden = H): Layer[] => [
  embedding({ size: E }),
  lstm({ size: hidden }),
  pool({ over: 'last' }),
  dense({ units: 1 }),
];

/** A classifier of two labels, without n-grams: a table row for each word, one for empty texts, one for unknown words. */
export function configOf(layers: readonly Layer[], maxLength = LENGTH): ModelConfig {
  return modelConfig({ labels: LABELS, maxLength, tokenizer: { buckets: 0 }, layers });
}

export const coreConfig = configOf(coreLayers());

/** The so many most frequent words of the texts. */
export const vocabularyOf = (size = VOCABULARY): Vocabulary =>
  new Vocabulary(wordList(size), coreConfig.tokenizer);

/** A model with drawn weights, large enough that the probabilities differ from text to text. */
export function drawModel(module: WebAssembly.Module, config: ModelConfig, vocabulary: Vocabulary): Model {
  const model = new Model(config, { exact: module, fast: module });
  const facts = { epochs: 0, steps: 0, rows: 0, loss: 0, accuracy: 0, optimizer: 'none' };
  model.adopt({ vocabulary, weights: drawWeights(module, config, vocabulary), facts });
  return model;
}

const LIMITS: Readonly<Record<string, number>> = { embedding: 0.5, lstm: 0.0625, dense: 0.5 };

function drawWeights(module: WebAssembly.Module, config: ModelConfig, vocabulary: Vocabulary): Float32Array {
  const drawn = listParameters(config.layers, vocabulary.tableRows).map(({ name, size }, i) => {
    const limit = LIMITS[name.split('.')[2]]; // layers.1.lstm.forward.bias
    return uniform(module, size, 100 + i).map((u) => (2 * u - 1) * limit);
  });
  const weights = new Float32Array(drawn.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of drawn) {
    weights.set(values, at);
    at += values.length;
  }
  return weights;
}
