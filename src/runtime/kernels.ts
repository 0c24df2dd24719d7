import { instantiateSync } from '@assemblyscript/loader';
import type { Kernels } from './kernels.generated.ts';

export type { Kernels };
export type KernelName = keyof Kernels;

/** The ways in which the kernels are compiled. */
export type Build = 'plain' | 'relaxed';

/** The kernels with nothing to work on: to be asked for numbers. @param shared whether the module wants shared memory */
export function kernelsAlone(module: WebAssembly.Module, shared = false): Kernels {
  return kernelsOver(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared }));
}

/**
 * The kernels over one memory. The module imports nothing but that memory.
 * @param module gatelet.wasm, compiled
 * @param memory owned by the caller; page 0 belongs to the kernels' constants
 */
export function kernelsOver(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const imports = { env: { memory } };
  // What comes from another realm, as what Next.js has compiled, is no module to the loader.
  const isOurs = module instanceof WebAssembly.Module;
  const instance = isOurs
    ? instantiateSync(module, imports).instance
    : new WebAssembly.Instance(module, imports);
  // The exports themselves, not the loader's wrappers: half the cost of a call.
  return instance.exports as unknown as Kernels;
}
