import type { WeightKind } from '../layers/layer.ts';
import { DataError, show } from '../runtime/errors.ts';
import { damaged, readJson } from './pieces.ts';
import type { Safetensors } from './safetensors.ts';

/** The version of the file's layout that this package writes. */
export const FORMAT_VERSION = 1;

/** What a file says of its model: there, but for the options and the layers, which nobody has looked at yet. */
export interface Stored {
  readonly layers: readonly unknown[];
  /** How many words it knows. */
  readonly words: number;
  readonly weights: WeightKind;
  readonly options: Readonly<Record<string, unknown>>;
}

/** @throws DataError when the file is not ours, of another version, or not in order */
export function readStored(metadata: Safetensors['metadata']): Stored {
  if (metadata.format !== 'gatelet') {
    throw new DataError('the file is safetensors, but not a gatelet model', {
      expected: 'one that save() wrote',
      got: `format ${show(metadata.format)}`,
    });
  }
  if (metadata.version !== String(FORMAT_VERSION)) {
    throw new DataError(`the model file has version ${show(metadata.version)}`, {
      expected: `version ${FORMAT_VERSION}`,
      cause: 'Another version of gatelet wrote it: update this one.',
    });
  }
  const { layers, words, gateOrder, weights = 'f32', ...options } = readJson(metadata, 'model');
  if (gateOrder !== 'ifgo') throw damaged(`its gates are in the order ${show(gateOrder)}, not 'ifgo'`);
  if (weights !== 'f32' && weights !== 'i8') throw damaged(`its weights are ${show(weights)}`);
  if (!Array.isArray(layers) || layers.length > 1000) throw damaged('its layers are not a list');
  if (!Number.isSafeInteger(words) || (words as number) < 0)
    throw damaged('it does not say how many words it knows');
  return { layers, words: words as number, weights, options };
}
