import { type ModelConfig, type ModelOptions, modelConfig } from '../model/config.ts';
import { checkMemory, MAX_BYTES } from '../model/limits.ts';
import { Model } from '../model/model.ts';
import type { Weights } from '../model/network.ts';
import { listParameters } from '../model/network-plan.ts';
import { restoreLayer } from '../model/registry.ts';
import { loadModules } from '../runtime/builds.ts';
import { DataError, GateletError, show } from '../runtime/errors.ts';
import { vocabularyFromBytes } from '../text/vocabulary.ts';
import { checkFacts } from './facts.ts';
import { damaged, joined, readFloats, readIntegers, readJson, readScales, tensor } from './pieces.ts';
import { decodeSafetensors, type Safetensors } from './safetensors.ts';
import { readStored } from './stored.ts';

/** What {@link load} takes beside the bytes. */
export interface LoadOptions {
  /** gatelet.wasm, compiled by you; by default the package fetches its own. */
  readonly module?: WebAssembly.Module;
  /** Memory the model may take for prediction, its parameters included. Default 1 GiB. */
  readonly maxBytes?: number;
}

/**
 * Reads a model that save() or saveCheckpoint() wrote. The bytes may come from anywhere: everything in them
 * is checked before memory is reserved, but for the rows of the embedding. These the model reads from the bytes, and
 * checks, when a text first shows them; so leave the bytes as they are while you use the model.
 * @throws DataError when the bytes are no such file, damaged, of a newer version, or ask for too much memory
 * @example
 * const model = await load(await readFile('mood.safetensors'));
 */
export async function load(bytes: Uint8Array, options: LoadOptions = {}): Promise<Model> {
  return (await decodeModel(bytes, options)).model;
}

/** The model in a file, and the file's other contents. */
export async function decodeModel(
  bytes: Uint8Array,
  { module, maxBytes = MAX_BYTES }: LoadOptions = {},
): Promise<{ model: Model; file: Safetensors }> {
  if (!(bytes instanceof Uint8Array)) {
    throw new DataError('load()', {
      expected: 'the bytes of a model file (Uint8Array)',
      got: show(typeof bytes),
    });
  }
  const file = decodeSafetensors(bytes, 'the model file');
  const { config, words } = readConfig(file.metadata);
  const vocabulary = vocabularyFromBytes(tensor(file, 'vocabulary').data, words, config.tokenizer);
  const weights = readWeights(file, config, vocabulary.tableRows);
  const modules = await loadModules(module);
  checkMemory(config, vocabulary, modules.fast, maxBytes);
  const model = new Model(config, modules);
  model.adopt({ vocabulary, ...weights, facts: checkFacts(readJson(file.metadata, 'training')) });
  model.prepare();
  return { model, file };
}

function readConfig(metadata: Safetensors['metadata']): { config: ModelConfig; words: number } {
  const { layers, words, weights, options } = readStored(metadata);
  try {
    // Every option is checked as if a user had given it.
    const config = modelConfig({ ...options, layers: layers.map(restoreLayer) } as unknown as ModelOptions);
    return { config: { ...config, weights }, words };
  } catch (error) {
    if (error instanceof GateletError) throw damaged(error.message);
    throw error;
  }
}

function readWeights(file: Safetensors, config: ModelConfig, tableRows: number): Required<Weights> {
  const parameters = listParameters(config.layers, tableRows, config.weights);
  // Shapes are compared with those in the file, so no more is reserved here than the file holds.
  for (const { name, shape } of parameters) {
    const found = tensor(file, name);
    if (found.shape.length !== shape.length || shape.some((length, i) => length !== found.shape[i])) {
      throw damaged(`tensor ${show(name)} is [${found.shape}], its layers need [${shape}]`);
    }
  }
  const of = (type: 'F32' | 'I8') => parameters.filter(({ dtype }) => dtype === type);
  const floats = of('F32').map(({ name, isScales }) =>
    isScales ? readScales(tensor(file, name), name) : readFloats(tensor(file, name), name),
  );
  const integers = of('I8').map(({ name }) => readIntegers(tensor(file, name), name));
  return { weights: joined(floats, Float32Array), quantised: joined(integers, Int8Array) };
}
