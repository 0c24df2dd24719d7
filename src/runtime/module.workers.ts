import plain from './gatelet.wasm?module';
import relaxed from './gatelet-relaxed.wasm?module';
import type { Build } from './kernels.ts';

/**
 * The kernels of this package, compiled: the door for Cloudflare's workers, which compile no wasm from bytes. They are
 * imported as modules, which the host has compiled.
 */
export async function loadModule(build: Build): Promise<WebAssembly.Module> {
  return build === 'relaxed' ? relaxed : plain;
}
