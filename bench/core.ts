// The core model, which every library is measured on, and its files: the same weights and rows for all.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { save } from '../src/io/save.ts';
import { dense } from '../src/layers/dense.ts';
import { embedding } from '../src/layers/embedding.ts';
import { lstm } from '../src/layers/lstm.ts';
import { pool } from '../src/layers/pool.ts';
import { type ModelConfig, modelConfig } from '../src/model/config.ts';
import { Model } from '../src/model/model.ts';
import { listParameters } from '../src/model/network-plan.ts';
import { Encoder } from '../src/text/encoder.ts';
import { Vocabulary } from '../src/text/vocabulary.ts';
import { plainObjective } from '../src/train/objective.ts';
import { adam } from '../src/train/optimizers/adam.ts';
import type { TrainerOptions } from '../src/train/trainer.ts';
import { coreOnnx } from './onnx.ts';
import { drawTexts, uniform, words } from './texts.ts';

/** Embedding, hidden size, words a text, texts a batch. */
export const [E, H, LENGTH, BATCH] = [128, 256, 100, 32];
export const LABELS = ['negative', 'positive'] as const;
export const NUM_ROWS = 16 * BATCH;

/** Without n-grams: a row for each word, one for empty texts and one for unknown words. */
export const coreConfig = modelConfig({
  labels: LABELS,
  maxLength: LENGTH,
  tokenizer: { buckets: 0 },
  layers: [embedding({ size: E }), lstm({ size: H }), pool({ over: 'last' }), dense({ units: 1 })],
});
export const coreVocabulary = new Vocabulary(words, coreConfig.tokenizer);

/** Adam as it comes, and nothing else that would act on a step. */
export function coreTraining(config: ModelConfig): TrainerOptions {
  const never = Number.POSITIVE_INFINITY;
  const objective = plainObjective(config);
  return { optimizer: adam(), objective, clipNorm: never, clipValue: never, wordDropout: 0 };
}

/**
 * Writes the files that libraries read (sizes.json names the sizes):
 * weights.f32: table [V,E], weightIH [4H,E], weightHH [4H,H] (gates i f g o), bias [4H], dense [H], its bias [1];
 * the same as core.onnx and core.safetensors; texts.json, their ids.i32 [rows,length], labels.f32 [rows].
 */
export function writeCore(module: WebAssembly.Module, folder: string): void {
  const model = new Model(coreConfig, { exact: module, fast: module });
  const facts = { epochs: 0, steps: 0, rows: 0, loss: 0, accuracy: 0, optimizer: 'none' };
  const weights = drawWeights(module);
  model.adopt({ vocabulary: coreVocabulary, weights, facts });
  const texts = drawTexts(module, new Array(NUM_ROWS).fill(LENGTH));
  const encoder = new Encoder(coreVocabulary, LENGTH);
  const ids = Int32Array.from(texts.flatMap((text) => [...encoder.encode(text).types]));
  const V = coreVocabulary.tableRows;
  const files = {
    'sizes.json': JSON.stringify({ V, E, H, length: LENGTH, rows: NUM_ROWS }),
    'weights.f32': octets(weights),
    'core.onnx': coreOnnx(weights, V, E, H),
    'core.safetensors': save(model),
    'texts.json': JSON.stringify(texts),
    'ids.i32': octets(ids),
    'labels.f32': octets(Float32Array.from(texts, (_, row) => row % 2)),
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** Large enough that the probabilities differ from text to text. */
function drawWeights(module: WebAssembly.Module): Float32Array {
  const limits: Readonly<Record<string, number>> = { embedding: 0.5, lstm: 0.0625, dense: 0.5 };
  const drawn = listParameters(coreConfig.layers, coreVocabulary.tableRows).map(({ name, size }, i) => {
    const limit = limits[Object.keys(limits).find((kind) => name.includes(kind))!];
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

const octets = ({ buffer }: Float32Array | Int32Array) => new Uint8Array(buffer);
