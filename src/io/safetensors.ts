/**
 * The safetensors format, and nothing of models:
 *   u64 little-endian N · N bytes of JSON {name: {dtype, shape, data_offsets}, __metadata__} · data
 * The data are the tensors one after another, row-major and little-endian, without holes.
 * Source  github.com/huggingface/safetensors, README "Format"
 */
import { DataError, show, UsageError } from '../runtime/errors.ts';
import { looksLike } from './looks-like.ts';

const DTYPE_BYTES = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

/** The bytes of one tensor and how to read them. */
export interface TensorBytes {
  dtype: Dtype;
  shape: number[];
  data: Uint8Array;
}

export interface Safetensors {
  /** In the order of the data. */
  tensors: Map<string, TensorBytes>;
  /** An object without a prototype: any key is only a key. */
  metadata: Record<string, string>;
}

type Entries = Record<string, unknown>;

const METADATA = '__metadata__';
const LENGTH_BYTES = 8;
/** The data start at a multiple of a cache line, as views of a mapped file like it. */
const ALIGN_BYTES = 64;
/** A header larger than this is refused before it is parsed; a vocabulary of 500,000 words fits. */
const MAX_HEADER_BYTES = 0x100_0000;
/** Levels of a real header: the object, a tensor, its shape. */
const MAX_DEPTH = 3;

/**
 * Writes tensors and text into one safetensors file; the same input gives the same bytes.
 * @param tensors in the order of the data; put wide dtypes first if views of the file are to be aligned
 * @param metadata text by name
 * @throws UsageError when a name repeats, data do not fill their shape, or the header exceeds 16 MiB
 */
export function encodeSafetensors(
  tensors: readonly ({ name: string } & Readonly<TensorBytes>)[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const names = new Set([METADATA, '__proto__']);
  // Text, not an object: JavaScript would move names such as "0" to the front.
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) entries.push(`"${METADATA}":${JSON.stringify(metadata)}`);
  let dataBytes = 0;
  for (const { name, dtype, shape, data } of tensors) {
    if (names.has(name)) throw new UsageError(`tensor ${show(name)}: the name is taken`);
    names.add(name);
    const expected = byteLength(dtype, shape);
    if (data.length !== expected) {
      const what = `tensor ${show(name)} of ${dtype} [${shape}]`;
      throw new UsageError(what, { expected: `${expected} bytes`, got: `${data.length}` });
    }
    const offsets = [dataBytes, dataBytes + data.length];
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`);
    dataBytes += data.length;
  }

  const header = new TextEncoder().encode(`{${entries.join(',')}}`);
  const dataStart = Math.ceil((LENGTH_BYTES + header.length) / ALIGN_BYTES) * ALIGN_BYTES;
  const headerBytes = dataStart - LENGTH_BYTES;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new UsageError('the header of the safetensors file', {
      expected: `at most ${MAX_HEADER_BYTES} bytes`,
      got: `${headerBytes}`,
      cause: 'The metadata are too long: store large values as a tensor.',
    });
  }
  const file = new Uint8Array(dataStart + dataBytes).fill(0x20, LENGTH_BYTES, dataStart);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.set(header, LENGTH_BYTES);
  let at = dataStart;
  for (const { data } of tensors) {
    file.set(data, at);
    at += data.length;
  }
  return file;
}

/**
 * Reads a safetensors file that nobody vouches for. Nothing is copied: tensors are views of `bytes`, which
 * may be unaligned for their dtype.
 * @param source what errors call the file, default `the file`
 * @throws DataError when anything about it is not as the format wants
 */
export function decodeSafetensors(bytes: Uint8Array, source = 'the file'): Safetensors {
  const headerBytes = readHeaderLength(bytes, source);
  const data = bytes.subarray(LENGTH_BYTES + headerBytes);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes), source);

  const { [METADATA]: text = {}, ...entries } = header.object;
  const metadata = readMetadata(text, source);
  const spans = Object.entries(entries).map(([name, entry]) => readEntry(name, entry, source));

  // Every object has now exactly the keys counted here, so a surplus in the text is a repeated key.
  const numKeys = Object.keys(header.object).length + Object.keys(metadata).length + 3 * spans.length;
  if (header.numKeys !== numKeys) throw damaged(source, 'names that occur once', 'a name that repeats');

  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, TensorBytes>();
  let at = 0;
  for (const { name, dtype, shape, begin, end } of spans) {
    if (begin !== at) {
      const what = begin < at ? 'overlap with the tensor before it' : 'a hole before it';
      throw damaged(source, `tensor ${show(name)} to begin at byte ${at} of the data`, `${begin}: ${what}`);
    }
    if (end > data.length) throw cutShort(source, LENGTH_BYTES + headerBytes + end, bytes.length);
    tensors.set(name, { dtype, shape, data: data.subarray(begin, end) });
    at = end;
  }
  if (at !== data.length) throw damaged(source, `${at} bytes of data`, `${data.length}`);
  return { tensors, metadata };
}

function readHeaderLength(bytes: Uint8Array, source: string): number {
  if (bytes.length === 0) throw new DataError(`${source} is empty`, { expected: 'a safetensors file' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < LENGTH_BYTES ? NaN : Number(view.getBigUint64(0, true));

  // Only what cannot be safetensors is asked what else it is: a true length may begin like anything.
  const plausible = length <= MAX_HEADER_BYTES && (bytes[LENGTH_BYTES] ?? 0x7b) === 0x7b;
  const kind = plausible ? undefined : looksLike(bytes);
  if (kind) {
    throw new DataError(`${source} is not a safetensors file`, { got: kind });
  }
  if (bytes.length < LENGTH_BYTES) throw cutShort(source, LENGTH_BYTES, bytes.length);
  if (length > MAX_HEADER_BYTES) {
    throw damaged(source, `a header of at most ${MAX_HEADER_BYTES} bytes`, `a length of ${length}`);
  }
  if (!plausible || length < 2) throw damaged(source, 'a header that begins with {', 'something else');
  if (LENGTH_BYTES + length > bytes.length) throw cutShort(source, LENGTH_BYTES + length, bytes.length);
  return length;
}

function parseHeader(bytes: Uint8Array, source: string): { object: Entries; numKeys: number } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged(source, 'a header in UTF-8', 'other bytes');
  }
  const { depth, numKeys } = scanJson(text);
  // Before parsing: 16 MiB of brackets would become a gigabyte of arrays.
  if (depth > MAX_DEPTH) throw damaged(source, `a header of ${MAX_DEPTH} levels`, `${depth} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(source, 'a header in JSON', show(text));
  }
  return { object: asObject(value, 'header', source), numKeys };
}

/** The deepest nesting of a JSON text, and how many keys are written in it, repeated ones included. */
export function scanJson(text: string): { depth: number; numKeys: number } {
  let depth = 0;
  let level = 0;
  let numKeys = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        depth = Math.max(depth, ++level);
        break;
      case '}':
      case ']':
        level--;
        break;
      case ':':
        numKeys++;
        break;
      case '"':
        at = endOfString(text, at);
    }
  }
  return { depth, numKeys };
}

/** Where the quote is that ends the string beginning at a place: one with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

function readEntry(name: string, value: unknown, source: string) {
  const what = `tensor ${show(name)}`;
  if (name === '__proto__') throw damaged(source, 'names of tensors', show(name));
  const entry = asObject(value, what, source);
  const keys = Object.keys(entry).sort().join(', ');
  if (keys !== 'data_offsets, dtype, shape') {
    throw damaged(source, `${what} to have data_offsets, dtype, shape`, show(Object.keys(entry)));
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    throw damaged(source, `${what} to be of ${Object.keys(DTYPE_BYTES).join(' ')}`, show(dtype));
  }
  if (!isSizes(shape)) throw damaged(source, `${what} to have a shape of whole numbers ≥ 0`, show(shape));
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw damaged(source, `${what} to have data_offsets [begin, end]`, show(offsets));
  }
  const [begin, end] = offsets;
  const size = byteLength(dtype as Dtype, shape);
  if (!Number.isSafeInteger(size)) throw damaged(source, `${what} to be of a possible size`, show(shape));
  if (end - begin !== size) {
    throw damaged(source, `${what} of ${dtype} ${show(shape)} to take ${size} bytes`, `${end - begin}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function readMetadata(value: unknown, source: string): Record<string, string> {
  const text: Record<string, string> = Object.create(null);
  for (const [key, entry] of Object.entries(asObject(value, METADATA, source))) {
    if (key === '__proto__') throw damaged(source, 'names of metadata', show(key));
    if (typeof entry !== 'string') throw damaged(source, `metadata ${show(key)} to be text`, show(entry));
    text[key] = entry;
  }
  return text;
}

/** NaN when the size passes what a number counts exactly, even if a later dimension is 0. */
function byteLength(dtype: Dtype, shape: readonly number[]): number {
  let size: number = DTYPE_BYTES[dtype];
  for (const length of shape) {
    size *= length;
    if (!Number.isSafeInteger(size)) return NaN;
  }
  return size;
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

function asObject(value: unknown, what: string, source: string): Entries {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Entries;
  throw damaged(source, `${what} to be a JSON object`, show(value));
}

const damaged = (source: string, expected: string, got: string) =>
  new DataError(`${source} is damaged or not a safetensors file`, { expected, got });

const cutShort = (source: string, expected: number, got: number) =>
  new DataError(`${source} is cut short`, {
    expected: `at least ${expected} bytes`,
    got: `${got}`,
    cause: 'A download or copy probably stopped half-way.',
  });
