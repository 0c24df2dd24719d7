import { decodeSafetensors, encodeSafetensors, type TensorBytes } from '../../src/io/safetensors.ts';

// biome-ignore lint/suspicious/noExplicitAny: JSON of any kind, to be changed at will
type Json = any;

/** The pieces of a model file, to be changed. */
export interface Pieces {
  tensors: Map<string, TensorBytes>;
  metadata: Record<string, string>;
}

/** The file again, after `change` has had its way with its pieces. */
export function changed(bytes: Uint8Array, change: (pieces: Pieces) => void): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const pieces = { tensors, metadata: { ...metadata } };
  change(pieces);
  const list = [...pieces.tensors].map(([name, tensor]) => ({ name, ...tensor }));
  return encodeSafetensors(list, pieces.metadata);
}

/** The file again, after `change` has had its way with one piece of its metadata, as JSON. */
export function changedJson(bytes: Uint8Array, name: string, change: (value: Json) => void): Uint8Array {
  return changed(bytes, ({ metadata }) => {
    const value = JSON.parse(metadata[name]);
    change(value);
    metadata[name] = JSON.stringify(value);
  });
}
