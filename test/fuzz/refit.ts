import { decodeSafetensors, encodeSafetensors, type TensorBytes } from '../../src/io/safetensors.ts';
import { type ModelConfig, type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { listParameters } from '../../src/model/network-plan.ts';
import { restoreLayer } from '../../src/model/registry.ts';
import { GateletError } from '../../src/runtime/errors.ts';
import { vocabularyFromBytes } from '../../src/text/vocabulary.ts';
import { changeSomewhere, type Draws, type Json, one } from './json.ts';
import type { Seed } from './seeds.ts';

/** Larger models are left to the check of memory. */
const MAX_NUMBERS = 1 << 19;

/**
 * Another configuration, layers of another file perhaps among its own, with tensors of the shapes that it asks for: what
 * a forger would write, and what gets as far as the kernels.
 */
export function refitted(bytes: Uint8Array, draws: Draws, seeds: readonly Seed[]): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const model = JSON.parse(metadata.model);
  const others = JSON.parse(decodeSafetensors(one(draws, seeds).bytes).metadata.model).layers;
  for (let left = 1 + draws.int(2); left > 0 && Array.isArray(model.layers); left--) {
    const at = draws.int(model.layers.length);
    const change = draws.int(5);
    if (change === 0) model.layers.splice(at, 1);
    else if (change === 1) model.layers.splice(at, 0, one(draws, others));
    else if (change === 2) changeSomewhere(model, draws);
    else changeSomewhere(model.layers[at] ?? model, draws);
  }
  const vocabulary = tensors.get('vocabulary')!;
  const fitted = fit(model, vocabulary.data, draws) ?? [...tensors].map(([name, one]) => ({ name, ...one }));
  const rest = fitted.some(({ name }) => name === 'vocabulary')
    ? []
    : [{ name: 'vocabulary', ...vocabulary }];
  return encodeSafetensors([...fitted, ...rest], { ...metadata, model: JSON.stringify(model) });
}

/** The tensors of a configuration, with numbers drawn; none where it is none. */
function fit(model: Json, words: Uint8Array, draws: Draws) {
  const { layers, words: numWords, gateOrder: _, weights = 'f32', ...options } = model;
  let config: ModelConfig;
  let shapes: ReturnType<typeof listParameters>;
  try {
    config = modelConfig({ ...options, layers: layers.map(restoreLayer) } as ModelOptions);
    const { tableRows } = vocabularyFromBytes(words, numWords, config.tokenizer);
    shapes = listParameters(config.layers, tableRows, weights);
  } catch (error) {
    if (error instanceof GateletError || error instanceof TypeError) return undefined;
    throw error;
  }
  if (!(shapes.reduce((sum, { size }) => sum + size, 0) <= MAX_NUMBERS)) return undefined;
  const scale = one(draws, [0.1, 1, 100]);
  return shapes
    .sort((a, b) => (a.dtype < b.dtype ? -1 : a.dtype > b.dtype ? 1 : 0))
    .map(({ name, shape, size, dtype, isScales }): { name: string } & TensorBytes => {
      const values = draws.floats(size, isScales ? 0.001 : -scale, scale);
      const data = dtype === 'F32' ? new Uint8Array(values.buffer) : Uint8Array.from(values, (v) => 127 * v);
      return { name, dtype, shape: [...shape], data };
    });
}
