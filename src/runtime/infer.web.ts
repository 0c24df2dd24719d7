/** The kernels for predictions, compiled: the door for browsers. */
export function loadModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compileStreaming(fetch(new URL('./gatelet-infer.wasm', import.meta.url)));
}
