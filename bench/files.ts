// The files that libraries read in processes of their own: the same weights and rows for all.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { save } from '../src/io/save.ts';
import type { Model } from '../src/model/model.ts';
import { quantize } from '../src/model/quantize.ts';
import { encoderOf } from '../src/text/encoder.ts';
import { BATCH, coreConfig, drawModel, E, fullConfig, H, HEADS, LENGTH, vocabularyOf } from './models.ts';
import { coreOnnx } from './onnx.ts';
import { drawTexts } from './texts.ts';

export const NUM_ROWS = 16 * BATCH;

/** As a file in a folder says which: the core model has no heads. */
export const configWith = (heads: number) => (heads === 0 ? coreConfig : fullConfig);

/**
 * Writes the core model and rows for it (sizes.json names the sizes):
 * weights.f32: table [V,E], weightIH [4H,E], weightHH [4H,H] (gates i f g o), bias [4H], dense [H], its bias [1];
 * the same as core.onnx, as model.safetensors and with int8 weights as int8.safetensors;
 * texts.json, their ids.i32 [rows,length] with zeros behind a text's end, lengths.i32 [rows], labels.f32 [rows].
 * @param lengths of the texts in words, at most LENGTH
 */
export function writeCore(
  module: WebAssembly.Module,
  folder: string,
  lengths: readonly number[] = new Array(NUM_ROWS).fill(LENGTH),
): void {
  const model = drawModel(module, coreConfig, vocabularyOf());
  const V = model.vocabulary.tableRows;
  writeFiles(folder, {
    'core.onnx': coreOnnx(model.weights, V, E, H),
    'int8.safetensors': save(quantize(model)),
    ...filesOf(module, model, 0, lengths),
  });
}

/**
 * Writes the full model and rows for it, likewise. Before dense, weights.f32 has weightQKV [3H,H], biasQKV [3H], weightOut
 * [H,H], biasOut [H] of the attention and gamma, beta, mean, variance [H] of the batch norm.
 */
export function writeFull(module: WebAssembly.Module, folder: string): void {
  const model = drawModel(module, fullConfig, vocabularyOf());
  writeFiles(folder, filesOf(module, model, HEADS, new Array(NUM_ROWS).fill(LENGTH)));
}

function filesOf(module: WebAssembly.Module, model: Model, heads: number, lengths: readonly number[]) {
  const { vocabulary } = model;
  const texts = drawTexts(module, lengths);
  const encoder = encoderOf(vocabulary, LENGTH);
  const ids = new Int32Array(NUM_ROWS * LENGTH);
  for (const [row, text] of texts.entries()) ids.set(encoder.encode(text).types, row * LENGTH);
  const sizes = { V: vocabulary.tableRows, E, H, heads, length: LENGTH, rows: NUM_ROWS };
  return {
    'sizes.json': JSON.stringify(sizes),
    'weights.f32': octets(model.weights),
    'model.safetensors': save(model),
    'texts.json': JSON.stringify(texts),
    'ids.i32': octets(ids),
    'lengths.i32': octets(Int32Array.from(lengths)),
    'labels.f32': octets(Float32Array.from(texts, (_, row) => row % 2)),
  };
}

function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

const octets = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
