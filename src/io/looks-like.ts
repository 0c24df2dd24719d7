/** First bytes, written as Latin-1, of files that people take for a model. */
const BINARY: readonly (readonly [string, string])[] = [
  ['PK', 'a zip archive, as .pt files of PyTorch and .keras files are'],
  ['\x1f\x8b', 'a gzip archive: unpack it first'],
  ['\x89HDF', 'an HDF5 file (Keras .h5)'],
  ['GGUF', 'a GGUF file'],
  ['\0asm', 'a WebAssembly module'],
  ['\x80\x02', 'a Python pickle'],
  ['\x80\x04', 'a Python pickle'],
];

const TEXT: readonly (readonly [RegExp, string])[] = [
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer: `git lfs pull` fetches the file itself'],
  [/^\s*</, 'a web page: a download may have got an error page'],
  [/^\s*[{[]/, 'a JSON file'],
  // No control characters but white space.
  [/^[\P{Cc}\s]+$/u, 'a text file'],
];

/** What kind of file begins like these bytes, with an article; nothing when no kind is known. */
export function looksLike(bytes: Uint8Array): string | undefined {
  const start = bytes.subarray(0, 256);
  const latin1 = String.fromCharCode(...start);
  const binary = BINARY.find(([beginning]) => latin1.startsWith(beginning));
  if (binary) return binary[1];
  // A protobuf whose field 1 is the small ir_version, and field 2 the producer's name.
  if (start[0] === 0x08 && start[2] === 0x12) return 'an ONNX file';
  const text = new TextDecoder().decode(start);
  return TEXT.find(([beginning]) => beginning.test(text))?.[1];
}
