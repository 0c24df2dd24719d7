import { readFile } from 'node:fs/promises';
import type { Build } from './kernels.ts';

/** The kernels of this package, compiled: the door for Node. @throws CompileError when the engine lacks what they need */
export async function loadModule(build: Build): Promise<WebAssembly.Module> {
  const name = build === 'relaxed' ? './gatelet-relaxed.wasm' : './gatelet.wasm';
  const bytes = await readFile(new URL(name, import.meta.url));
  return new WebAssembly.Module(new Uint8Array(bytes)); // small: sooner done here than handed to another thread
}
