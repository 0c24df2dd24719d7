import { readFile } from 'node:fs/promises';
import type { Build } from './kernels.ts';

/** The kernels of this package, compiled: the door for Node. @throws CompileError when the engine lacks what they need */
export async function loadModule(build: Build): Promise<WebAssembly.Module> {
  // Written out, so that bundlers, and what traces the files of a server, find them.
  const url =
    build === 'relaxed'
      ? new URL('./gatelet-relaxed.wasm', import.meta.url)
      : new URL('./gatelet.wasm', import.meta.url);
  const bytes = await readFile(url);
  return new WebAssembly.Module(new Uint8Array(bytes)); // small: sooner done here than handed to another thread
}
