import type { ModelConfig } from '../model/config.ts';
import type { Learnt, Model } from '../model/model.ts';
import { listParameters } from '../model/network-plan.ts';
import { vocabularyToBytes } from '../text/vocabulary.ts';
import { encodeSafetensors, type TensorBytes } from './safetensors.ts';

/** The version of the file's layout that this package writes. */
export const FORMAT_VERSION = 1;

/** A tensor with its name, as it goes into the file. */
export type NamedTensor = { readonly name: string } & Readonly<TensorBytes>;

/**
 * A trained model as the bytes of one safetensors file: parameters, and with them all that prediction
 * needs: configuration, labels, vocabulary. Equal models give equal bytes.
 * @throws UsageError before the model is trained
 * @example
 * await writeFile('mood.safetensors', save(model));
 */
export function save(model: Model): Uint8Array<ArrayBuffer> {
  return encodeModel(model.config, model, [], {});
}

/** The model's file, with more tensors and metadata behind its own. */
export function encodeModel(
  config: ModelConfig,
  { vocabulary, weights, facts }: Learnt,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const words = vocabularyToBytes(vocabulary);
  const parameters = parameterTensors(config, vocabulary.tableRows, weights);
  return encodeSafetensors(
    [...parameters, ...tensors, { name: 'vocabulary', dtype: 'U8', shape: [words.length], data: words }],
    {
      format: 'gatelet',
      version: String(FORMAT_VERSION),
      model: JSON.stringify(storedConfig(config, vocabulary.words.length)),
      training: JSON.stringify(facts),
      ...metadata,
    },
  );
}

/** Floats as a tensor. */
export function floatTensor(name: string, shape: readonly number[], values: Float32Array): NamedTensor {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, dtype: 'F32', shape: [...shape], data };
}

function parameterTensors(config: ModelConfig, tableRows: number, weights: Float32Array): NamedTensor[] {
  let at = 0;
  return listParameters(config.layers, tableRows).map(({ name, shape, size }) => {
    const tensor = floatTensor(name, shape, weights.subarray(at, at + size));
    at += size;
    return tensor;
  });
}

function storedConfig({ layers, tokenizer, ...config }: ModelConfig, words: number) {
  const { ngrams, ...others } = tokenizer;
  const stored = layers.map(({ kind, options }) => ({ kind, options }));
  // gateOrder is for other readers of the file: which rows of the LSTM's weights belong to which gate.
  return {
    ...config,
    tokenizer: others.buckets > 0 ? tokenizer : others,
    words,
    gateOrder: 'ifgo',
    layers: stored,
  };
}
