import { readFile } from 'node:fs/promises';

/** The kernels for predictions, compiled: the door for Node. */
export async function loadModule(): Promise<WebAssembly.Module> {
  const bytes = await readFile(new URL('./gatelet-infer.wasm', import.meta.url));
  return new WebAssembly.Module(new Uint8Array(bytes));
}
