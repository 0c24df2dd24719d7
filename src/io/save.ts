import { type ModelConfig, taskOptions } from '../model/config.ts';
import type { Learnt, Model } from '../model/model.ts';
import { featuresOf, listParameters } from '../model/network-plan.ts';
import { vocabularyToBytes } from '../text/vocabulary.ts';
import { encodeSafetensors, type TensorBytes } from './safetensors.ts';
import { FORMAT_VERSION } from './stored.ts';

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
  learnt: Learnt,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const { vocabulary, facts } = learnt;
  const words = vocabularyToBytes(vocabulary);
  const parameters = parameterTensors(config, learnt);
  // What is wide comes first, so that readers find it aligned.
  const floats = parameters.filter(({ dtype }) => dtype === 'F32');
  const bytes = parameters.filter(({ dtype }) => dtype === 'I8');
  return encodeSafetensors(
    [
      ...floats,
      ...tensors,
      ...bytes,
      { name: 'vocabulary', dtype: 'U8', shape: [words.length], data: words },
    ],
    {
      format: 'gatelet',
      version: String(FORMAT_VERSION),
      model: JSON.stringify(storedConfig(config, vocabulary.numWords)),
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

function parameterTensors(
  { layers, weights: kind }: ModelConfig,
  { vocabulary, weights, quantised = new Int8Array() }: Learnt,
): NamedTensor[] {
  const at = { F32: 0, I8: 0 };
  return listParameters(layers, vocabulary.tableRows, kind).map(({ name, shape, size, dtype }) => {
    const from = at[dtype];
    at[dtype] += size;
    return dtype === 'F32'
      ? floatTensor(name, shape, weights.subarray(from, from + size))
      : {
          name,
          dtype,
          shape: [...shape],
          data: new Uint8Array(quantised.buffer, quantised.byteOffset + from, size),
        };
  });
}

function storedConfig(config: ModelConfig, words: number) {
  const { layers, tokenizer, weights, seed, maxLength } = config;
  const { ngrams, ...others } = tokenizer;
  const stored = layers.map(({ kind, options }) => ({ kind, options }));
  // gateOrder is for other readers of the file: which rows of the LSTM's weights belong to which gate.
  return {
    ...taskOptions(config),
    maxLength,
    seed,
    ...(featuresOf(layers) === 0 && { tokenizer: others.buckets > 0 ? tokenizer : others }),
    words,
    gateOrder: 'ifgo',
    ...(weights === 'i8' && { weights }),
    layers: stored,
  };
}
