import plain from './gatelet.wasm?module';
import type { Build } from './kernels.ts';

/**
 * The kernels of this package, compiled: the door for Vercel's edge functions and Next.js, whose hosts compile each wasm
 * file that is imported before anything runs. So it has no relaxed SIMD: where the host is Node 20, that would end it all.
 */
export async function loadModule(build: Build): Promise<WebAssembly.Module> {
  if (build === 'plain') return plain;
  throw new WebAssembly.CompileError('relaxed SIMD is not among what the edge imports');
}
