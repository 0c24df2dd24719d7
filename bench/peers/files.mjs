// The core model's files, as bench/files.ts writes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ids [rows,length] and a way to take some rows. */
export function readIds(folder) {
  const { length } = readSizes(folder);
  const ids = new Int32Array(copyOf(folder, 'ids.i32'));
  return { length, rows: (from, count) => ids.subarray(from * length, (from + count) * length) };
}

export const readSizes = (folder) => JSON.parse(readFileSync(join(folder, 'sizes.json'), 'utf8'));
export const readFloats = (folder) => new Float32Array(copyOf(folder, 'weights.f32'));
export const readLabels = (folder) => new Float32Array(copyOf(folder, 'labels.f32'));
export const readOnnx = (folder) => readFileSync(join(folder, 'core.onnx'));

/** A small file may lie anywhere in a shared buffer; numbers want a place of their own. */
function copyOf(folder, name) {
  return new Uint8Array(readFileSync(join(folder, name))).buffer;
}
