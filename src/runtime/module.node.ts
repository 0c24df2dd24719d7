import { readFile } from 'node:fs/promises';

let compiled: Promise<WebAssembly.Module> | undefined;

/** The kernels of this package, compiled once: the door for Node. */
export function loadModule(): Promise<WebAssembly.Module> {
  compiled ??= compile().catch((error) => {
    compiled = undefined; // the next call may fare better
    throw error;
  });
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  const bytes = await readFile(new URL('./gatelet.wasm', import.meta.url));
  return WebAssembly.compile(new Uint8Array(bytes));
}
