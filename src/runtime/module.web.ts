import type { Build } from './kernels.ts';

/** The kernels of this package, compiled: the door for browsers. @throws CompileError when the engine lacks what they need */
export function loadModule(build: Build): Promise<WebAssembly.Module> {
  // Written out, so that bundlers find the files.
  const url =
    build === 'relaxed'
      ? new URL('./gatelet-relaxed.wasm', import.meta.url)
      : new URL('./gatelet.wasm', import.meta.url);
  return WebAssembly.compileStreaming(fetch(url));
}
