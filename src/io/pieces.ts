import { DataError, show } from '../runtime/errors.ts';
import { type Safetensors, scanJson, type TensorBytes } from './safetensors.ts';

/** Levels that the deepest of our metadata has, and some to spare. */
const MAX_DEPTH = 8;

/** A tensor of the file. @throws DataError when there is none of that name */
export function tensor({ tensors }: Safetensors, name: string): TensorBytes {
  const found = tensors.get(name);
  if (found) return found;
  throw damaged(`it has no tensor ${show(name)}`);
}

/** The floats of a tensor, a view where it lies aligned. @throws DataError when they are not f32 */
export function readFloats({ dtype, data }: TensorBytes, name: string): Float32Array {
  if (dtype !== 'F32') throw damaged(`tensor ${show(name)} is ${dtype}, not F32`);
  if (data.byteOffset % 4 === 0) return new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  return new Float32Array(new Uint8Array(data).buffer); // a slice() of a Buffer would be no copy
}

/** The floats, all finite. @throws DataError when one is not */
export function allFinite(floats: Float32Array, name: string): Float32Array {
  const bad = floats.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return floats;
  throw damaged(`tensor ${show(name)} holds ${floats[bad]} in place ${bad}`);
}

/**
 * The scales of a tensor's rows. Whether they are numbers the network finds out that takes them.
 * @throws DataError when they are not f32, or one is not above zero
 */
export function readScales(tensor: TensorBytes, name: string): Float32Array {
  const scales = readFloats(tensor, name);
  const bad = scales.findIndex((scale) => scale <= 0);
  if (bad < 0) return scales;
  throw damaged(`tensor ${show(name)} holds ${scales[bad]} in place ${bad}: a scale is above zero`);
}

/** The int8 numbers of a tensor. @throws DataError when they are of another type */
export function readIntegers({ dtype, data }: TensorBytes, name: string): Int8Array {
  if (dtype !== 'I8') throw damaged(`tensor ${show(name)} is ${dtype}, not I8`);
  return new Int8Array(data.buffer, data.byteOffset, data.length);
}

/** Numbers one after another: a view of the file where they lie so, as save() writes them. */
export function joined<Numbers extends Float32Array | Int8Array>(
  pieces: readonly Numbers[],
  type: new (
    ...given: [buffer: ArrayBufferLike, start: number, length: number] | [length: number]
  ) => Numbers,
): Numbers {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (pieces.length > 0 && pieces.every((piece, i) => i === 0 || follows(pieces[i - 1], piece))) {
    return new type(pieces[0].buffer, pieces[0].byteOffset, length);
  }
  const whole = new type(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function follows(before: ArrayBufferView, after: ArrayBufferView): boolean {
  return before.buffer === after.buffer && before.byteOffset + before.byteLength === after.byteOffset;
}

/** A piece of the file's metadata that is JSON. @throws DataError when it is missing or no JSON object */
export function readJson(metadata: Safetensors['metadata'], name: string): Record<string, unknown> {
  const text = metadata[name] ?? '';
  // Before parsing, and before a message shows what was parsed.
  if (scanJson(text).depth > MAX_DEPTH) throw damaged(`its ${name} facts are nested too deep`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(`its ${name} facts are not JSON`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw damaged(`its ${name} facts are not an object`);
}

/** The error for a file that calls itself ours and is not in order. */
export function damaged(what: string): DataError {
  return new DataError(`the model file is damaged: ${what}`);
}
