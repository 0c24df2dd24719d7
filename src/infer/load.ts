import { loadModule } from '#infer';
import { DataError, show } from '../runtime/errors.ts';
import { readModelFile } from './model-file.ts';
import { type Predictor, predictorOf } from './predictor.ts';

/** What {@link load} takes beside the bytes. */
export interface LoadOptions {
  /** gatelet-infer.wasm, compiled by you; by default the package fetches its own. */
  readonly module?: WebAssembly.Module;
}

/**
 * Reads a model that save() or saveCheckpoint() wrote, to predict with. It classifies texts by embedding(), lstm() without
 * additions, pool(), batchNorm() and dense(), in f32 or int8; of any other, load() of 'gatelet' makes a model. Leave the
 * bytes as they are while you use the model: rows of the embedding are read when a text first shows them.
 * @throws DataError when the bytes are no such file, damaged, or ask for too much memory
 * @example
 * const model = await load(await readFile('mood.safetensors'));
 */
export async function load(bytes: Uint8Array, { module }: LoadOptions = {}): Promise<Predictor> {
  if (!(bytes instanceof Uint8Array)) {
    throw new DataError('load()', {
      expected: 'the bytes of a model file (Uint8Array)',
      got: show(typeof bytes),
    });
  }
  return predictorOf(module ?? (await loadModule()), readModelFile(bytes));
}
