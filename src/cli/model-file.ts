import { readFileSync } from 'node:fs';
import { load } from '../io/load.ts';
import type { Model } from '../model/model.ts';
import { DataError, show, UsageError } from '../runtime/errors.ts';
import { fileError } from './file-error.ts';

/** Reads a trained model. @throws DataError naming the file, whatever is wrong with it */
export async function readModel(path: string): Promise<Model> {
  return readModelFile(path, load);
}

/** @throws UsageError when a model is to be written under a name that says it is something else */
export function checkModelName(output: string): void {
  if (output.endsWith('.safetensors')) return;
  throw new UsageError('--output', { expected: 'a name that ends in .safetensors', got: show(output) });
}

/** Hands the bytes of a model's file to a reader, and puts the file's name before its errors. */
export async function readModelFile<T>(path: string, read: (bytes: Uint8Array) => Promise<T>): Promise<T> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fileError(`cannot read ${path}`, error);
  }
  try {
    return await read(bytes);
  } catch (error) {
    throw error instanceof DataError ? new DataError(`${path}: ${error.message}`) : error;
  }
}
