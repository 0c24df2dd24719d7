import { readFile } from 'node:fs/promises';

let compiled: Promise<WebAssembly.Module> | undefined;

/** The kernels of this package, compiled once: the door for Node. */
export function loadModule(): Promise<WebAssembly.Module> {
  compiled ??= readFile(new URL('./gatelet.wasm', import.meta.url)).then((bytes) =>
    WebAssembly.compile(new Uint8Array(bytes)),
  );
  return compiled;
}
