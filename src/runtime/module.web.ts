let compiled: Promise<WebAssembly.Module> | undefined;

/** The kernels of this package, fetched from beside it and compiled once: the door for browsers. */
export function loadModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compileStreaming(fetch(new URL('./gatelet.wasm', import.meta.url))).catch(
    (error) => {
      compiled = undefined; // the next call may fare better
      throw error;
    },
  );
  return compiled;
}
