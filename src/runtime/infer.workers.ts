import module from './gatelet-infer.wasm?module';

/** The kernels for predictions, compiled by the host: the door for edge workers. */
export async function loadModule(): Promise<WebAssembly.Module> {
  return module;
}
