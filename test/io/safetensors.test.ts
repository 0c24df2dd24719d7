import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type TensorBytes } from '../../src/io/safetensors.ts';
import { DataError, UsageError } from '../../src/runtime/errors.ts';

const bytesOf = (values: Float32Array | Int32Array | Float64Array) => new Uint8Array(values.buffer);

const TENSORS = [
  { name: '10', dtype: 'F64', shape: [], data: bytesOf(new Float64Array([Math.PI])) },
  { name: 'lstm.weightIH', dtype: 'F32', shape: [2, 3], data: bytesOf(new Float32Array([1, 2, 3, 4, 5, 6])) },
  { name: '9', dtype: 'I32', shape: [2], data: bytesOf(new Int32Array([-1, 7])) },
  { name: 'empty', dtype: 'F32', shape: [0, 4], data: new Uint8Array(0) },
  { name: 'größe "x"', dtype: 'U8', shape: [3], data: new Uint8Array([1, 2, 3]) },
] satisfies ({ name: string } & TensorBytes)[];
const METADATA = { format: 'gatelet', words: '["a \\"quoted\\" : word","{[","größe"]' };

/** A file of this header text (or of these bytes) and of this many bytes of data, the length as claimed. */
function file(header: string | Uint8Array, dataBytes = 0, claimed?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const tensor = (shape: unknown, offsets: unknown, dtype: unknown = 'U8') =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

describe('encode', () => {
  test('writes the bytes that the format describes', () => {
    const bytes = encodeSafetensors([{ name: 'w', dtype: 'U8', shape: [2], data: new Uint8Array([5, 6]) }]);
    const header = '{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
    const expected = [56, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(header.padEnd(56)), 5, 6];
    expect([...bytes]).toEqual(expected);
  });

  test('starts the data at a multiple of 64 bytes, whatever the header', () => {
    for (let length = 0; length < 130; length++) {
      const bytes = encodeSafetensors([], { key: 'x'.repeat(length) });
      expect(bytes.length % 64).toBe(0);
    }
  });

  test('gives the same bytes again, and its own bytes after decoding', () => {
    const bytes = encodeSafetensors(TENSORS, METADATA);
    expect(encodeSafetensors(TENSORS, METADATA)).toEqual(bytes);
    const { tensors, metadata } = decodeSafetensors(bytes);
    const again = [...tensors].map(([name, entry]) => ({ name, ...entry }));
    expect(encodeSafetensors(again, metadata)).toEqual(bytes);
  });

  test.each([
    ['a repeated name', [TENSORS[0], TENSORS[0]]],
    ['the name of the metadata', [{ ...TENSORS[0], name: '__metadata__' }]],
    ['the name __proto__', [{ ...TENSORS[0], name: '__proto__' }]],
    ['data that do not fill the shape', [{ ...TENSORS[1], shape: [3, 3] }]],
  ])('refuses %s', (_, tensors) => {
    expect(() => encodeSafetensors(tensors)).toThrow(UsageError);
  });

  test('refuses a header that decode would refuse', () => {
    expect(() => encodeSafetensors([], { words: 'x'.repeat(16 * 1024 * 1024) })).toThrow(/at most 16777216/);
  });
});

describe('decode', () => {
  test('gives back what was written, as views in the order of the data', () => {
    const bytes = encodeSafetensors(TENSORS, METADATA);
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect([...tensors].map(([name, entry]) => ({ name, ...entry }))).toEqual(TENSORS);
    expect({ ...metadata }).toEqual(METADATA);
    for (const { data } of tensors.values()) expect(data.buffer).toBe(bytes.buffer);
  });

  test('reads a file inside a larger buffer', () => {
    const bytes = encodeSafetensors(TENSORS, METADATA);
    const larger = new Uint8Array(bytes.length + 20).fill(255);
    larger.set(bytes, 13);
    const { tensors } = decodeSafetensors(larger.subarray(13, 13 + bytes.length));
    expect(tensors.get('9')!.data).toEqual(TENSORS[2].data);
  });

  test('reads what other writers may write: any order of names, no padding, no metadata, no tensors', () => {
    const header = `{"b":${tensor([1], [2, 3])},"a":${tensor([2], [0, 2])}, "e":${tensor([0], [2, 2])}}`;
    expect([...decodeSafetensors(file(header, 3)).tensors.keys()]).toEqual(['a', 'e', 'b']);
    expect(decodeSafetensors(file('{}')).tensors.size).toBe(0);
  });

  test('keys of metadata are only keys', () => {
    const { metadata } = decodeSafetensors(file('{"__metadata__":{"format":"pt"}}'));
    expect(metadata.constructor).toBeUndefined();
    expect(metadata.format).toBe('pt');
  });

  const text = (words: string) => new TextEncoder().encode(words);
  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /is empty/],
    ['five bytes', new Uint8Array([0, 1, 2, 3, 4]), /cut short: expected at least 8 bytes, got 5/],
    ['zeros', new Uint8Array(100), /begins with \{/],
    ['JSON', text('{"model": "lstm", "layers": []}'), /a JSON file/],
    ['two bytes of JSON', text('{}'), /a JSON file/],
    ['zip', text('PK\x03\x04 archive/data.pkl'), /zip archive, as .pt files of PyTorch/],
    ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]), /gzip/],
    ['ONNX', new Uint8Array([8, 7, 0x12, 7, ...text('pytorch'), 0x1a]), /ONNX/],
    ['HDF5', new Uint8Array([0x89, ...text('HDF\r\n\x1a\n'), 0, 0]), /HDF5/],
    ['pickle', new Uint8Array([0x80, 2, ...text('}q\x00(X\x05')]), /pickle/],
    ['a web page', text('<!doctype html><title>404</title>'), /web page/],
    ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\n'), /git lfs pull/],
    ['a text file', text('text,label\nein schöner Film,positive\n'), /a text file/],
    [
      'a header longer than the file',
      file('{}', 0, 1000n),
      /cut short: expected at least 1008 bytes, got 10/,
    ],
    ['a header of 2^63 bytes', file('{\x01', 0, 1n << 63n), /header of at most 16777216 bytes/],
    ['a header just over 16 MiB', file('{\x01', 0, 16777217n), /header of at most 16777216 bytes/],
    ['a header without JSON', file('{ "a" '), /header in JSON/],
    ['a header that is not UTF-8', file(new Uint8Array([0x7b, 0xff, 0x7d])), /UTF-8/],
    ['a header that is an array', file('[{"a":1}]'), /begins with \{/],
    ['a header with an open string', file('{"a\\'), /header in JSON/],
    ['deep nesting', file(`{"a":${'['.repeat(1e6)}`), /3 levels, got 1000001 levels/],
    ['a tensor that is no object', file('{"a":[1]}'), /tensor "a" to be a JSON object/],
    ['a tensor named __proto__', file(`{"__proto__":${tensor([1], [0, 1])}}`, 1), /__proto__/],
    ['a name that repeats', file(`{"a":${tensor([1], [0, 1])},"a":${tensor([1], [0, 1])}}`, 1), /repeats/],
    ['a name that repeats in disguise', file(`{"a":${tensor([0], [0, 0])},"\\u0061":{}}`), /data_offsets/],
    [
      'a key that repeats in a tensor',
      file(`{"a":${tensor([0], [0, 0]).replace('{', '{"shape":[9],')}}`),
      /repeats/,
    ],
    ['metadata that repeat', file('{"__metadata__":{"a":"1","a":"2"}}'), /repeats/],
    ['metadata that are no object', file('{"__metadata__":"pt"}'), /__metadata__ to be a JSON object/],
    ['metadata that are not text', file('{"__metadata__":{"epochs":10}}'), /"epochs" to be text, got 10/],
    ['metadata named __proto__', file('{"__metadata__":{"__proto__":"x"}}'), /__proto__/],
    ['a missing field', file('{"a":{"dtype":"U8","shape":[1]}}', 1), /to have data_offsets, dtype, shape/],
    ['an unknown dtype', file(`{"a":${tensor([1], [0, 1], 'U7')}}`, 1), /F64 .* BOOL, got "U7"/],
    ['an inherited dtype', file(`{"a":${tensor([1], [0, 1], 'constructor')}}`, 1), /got "constructor"/],
    ['a dtype that is no text', file(`{"a":${tensor([1], [0, 1], ['U8'])}}`, 1), /got \["U8"\]/],
    ['a negative shape', file(`{"a":${tensor([-1, -1], [0, 1])}}`, 1), /whole numbers ≥ 0, got \[-1,-1\]/],
    ['half a row', file(`{"a":${tensor([0.5, 2], [0, 1])}}`, 1), /whole numbers/],
    ['a shape beyond exact numbers', file(`{"a":${tensor([2 ** 53], [0, 1])}}`, 1), /whole numbers/],
    ['a shape of text', file(`{"a":${tensor(['1'], [0, 1])}}`, 1), /whole numbers/],
    ['a shape that is no list', file(`{"a":${tensor({ length: 1 }, [0, 1])}}`, 1), /whole numbers/],
    ['a product that overflows', file(`{"a":${tensor([2 ** 40, 2 ** 40, 0], [0, 0])}}`), /a possible size/],
    ['offsets backwards', file(`{"a":${tensor([1], [1, 0])}}`, 1), /data_offsets \[begin, end\]/],
    ['three offsets', file(`{"a":${tensor([1], [0, 1, 1])}}`, 1), /data_offsets \[begin, end\]/],
    [
      'a size unlike the shape',
      file(`{"a":${tensor([2], [0, 4], 'F32')}}`, 4),
      /F32 \[2\] to take 8 bytes, got 4/,
    ],
    ['overlap', file(`{"a":${tensor([2], [0, 2])},"b":${tensor([2], [1, 3])}}`, 3), /overlap/],
    ['a hole', file(`{"a":${tensor([1], [0, 1])},"b":${tensor([1], [2, 3])}}`, 3), /a hole/],
    ['a hole at the start', file(`{"a":${tensor([1], [1, 2])}}`, 2), /a hole/],
    ['data that nobody names', file(`{"a":${tensor([1], [0, 1])}}`, 2), /1 bytes of data, got 2/],
    ['data that are missing', file(`{"a":${tensor([9], [0, 9])}}`, 8), /cut short/],
    ['a terabyte that is not there', file(`{"a":${tensor([2 ** 40], [0, 2 ** 40])}}`, 8), /cut short/],
  ])('refuses %s', (_, bytes, message) => {
    const decode = () => decodeSafetensors(bytes, 'mood.safetensors');
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^mood\.safetensors/);
  });

  test('refuses every truncation', () => {
    const bytes = encodeSafetensors(TENSORS, METADATA);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(DataError);
    }
  });

  test('5,000 seeded mutations decode to something whole or are refused in words', () => {
    const original = encodeSafetensors(TENSORS, METADATA);
    const random = mulberry32(1);
    const below = (limit: number) => Math.floor(random() * limit);
    let decoded = 0;
    for (let round = 0; round < 5000; round++) {
      const bytes = mutate(original, below);
      try {
        const { tensors, metadata } = decodeSafetensors(bytes);
        decoded++;
        const again = [...tensors].map(([name, entry]) => ({ name, ...entry }));
        expect(decodeSafetensors(encodeSafetensors(again, metadata))).toEqual({ tensors, metadata });
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        expect(error.message.length).toBeLessThan(400);
      }
    }
    // Both ends are reached: changed values and padding decode, changed structure does not.
    expect(decoded).toBeGreaterThan(50);
    expect(decoded).toBeLessThan(4000);
  });
});

/** One to three random edits: a byte, a digit or bracket of the header, a cut, or a stretch put twice. */
function mutate(original: Uint8Array, below: (limit: number) => number): Uint8Array {
  let bytes = original.slice();
  for (let edits = 1 + below(3); edits > 0 && bytes.length > 0; edits--) {
    const at = below(bytes.length);
    const kind = below(5);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at] ^= 1 << below(8);
    else if (kind === 2)
      bytes[8 + below(Math.max(1, bytes.length - 8))] = '{}[]":,0123456789-e.\\ '.charCodeAt(below(22));
    else if (kind === 3) bytes = bytes.slice(0, at);
    else bytes = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(below(at + 1))]);
  }
  return bytes;
}

/** A small seeded generator for tests; the model's own randomness lives in assembly/. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
