// The models that are measured, untrained: what a step or an answer takes does not depend on what was learnt.
import { attention } from '../src/layers/attention.ts';
import { batchNorm } from '../src/layers/batch-norm.ts';
import { dense } from '../src/layers/dense.ts';
import { dropout } from '../src/layers/dropout.ts';
import { embedding } from '../src/layers/embedding.ts';
import type { Layer } from '../src/layers/layer.ts';
import { lstm } from '../src/layers/lstm.ts';
import { pool } from '../src/layers/pool.ts';
import { type ModelConfig, modelConfig } from '../src/model/config.ts';
import { Model } from '../src/model/model.ts';
import { listParameters } from '../src/model/network-plan.ts';
import { type Vocabulary, vocabularyFrom } from '../src/text/vocabulary.ts';
import { wordListOf } from '../src/text/word-list.ts';
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

/** Heads of the full model's attention. */
export const HEADS = 4;

/** The full model: behind the LSTM the mean of an attention's answers, dropout and batch norm. */
export const fullLayers: Layer[] = [
  embedding({ size: E }),
  lstm({ size: H }),
  attention({ heads: HEADS, query: 'mean' }),
  dropout({ rate: 0.5 }),
  batchNorm(),
  dense({ units: 1 }),
];

/** A classifier of two labels, without n-grams: a table row for each word, one for empty texts, one for unknown words. */
export function configOf(layers: readonly Layer[], maxLength = LENGTH): ModelConfig {
  return modelConfig({ labels: LABELS, maxLength, tokenizer: { buckets: 0 }, layers });
}

export const coreConfig = configOf(coreLayers());
export const fullConfig = configOf(fullLayers);

/** The so many most frequent words of the texts. */
export const vocabularyOf = (size = VOCABULARY): Vocabulary =>
  vocabularyFrom(wordListOf(wordList(size).join('\n')), coreConfig.tokenizer);

/** A model with drawn weights, large enough that the probabilities differ from text to text. */
export function drawModel(module: WebAssembly.Module, config: ModelConfig, vocabulary: Vocabulary): Model {
  return modelOf(module, config, vocabulary, drawWeights(module, config, vocabulary));
}

/** A model with these weights, of which nothing else is known. */
export function modelOf(
  module: WebAssembly.Module,
  config: ModelConfig,
  vocabulary: Vocabulary,
  weights: Float32Array,
): Model {
  const model = new Model(config, { exact: module, fast: module });
  const facts = { epochs: 0, steps: 0, rows: 0, loss: 0, accuracy: 0, optimizer: 'none' };
  model.adopt({ vocabulary, weights, facts });
  return model;
}

/** What the parameters of a layer, or one of them, lie around, and how far from it at most. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  embedding: [0, 0.5],
  lstm: [0, 0.0625],
  attention: [0, 0.0625],
  gamma: [1, 0.5],
  beta: [0, 0.1],
  mean: [0, 0.1],
  variance: [0.01, 0.005],
  dense: [0, 0.5],
};

function drawWeights(module: WebAssembly.Module, config: ModelConfig, vocabulary: Vocabulary): Float32Array {
  const drawn = listParameters(config.layers, vocabulary.tableRows).map(({ name, size }, i) => {
    const parts = name.split('.'); // layers.1.lstm.forward.bias
    const [middle, reach] = RANGES[parts.at(-1)!] ?? RANGES[parts[2]];
    return uniform(module, size, 100 + i).map((u) => middle + (2 * u - 1) * reach);
  });
  const weights = new Float32Array(drawn.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of drawn) {
    weights.set(values, at);
    at += values.length;
  }
  return weights;
}
