import type { Build } from './kernels.ts';
import type { Job } from './work.ts';

/** Why there can be no threads here; undefined where there can. */
export function noThreads(): string | undefined {
  if (globalThis.crossOriginIsolated && typeof Worker === 'function') return undefined;
  return (
    'Threads need a page that is cross-origin isolated: send the headers ' +
    'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.'
  );
}

/** The kernels of this package over shared memory, fetched from beside it: the door for browsers. */
export function loadSharedModule(build: Build): Promise<WebAssembly.Module> {
  const url =
    build === 'relaxed'
      ? new URL('./gatelet-relaxed-shared.wasm', import.meta.url)
      : new URL('./gatelet-shared.wasm', import.meta.url);
  return WebAssembly.compileStreaming(fetch(url));
}

/**
 * Starts a thread.
 * @param onEnd called when it ends without being told to, with the reason
 * @returns what ends it
 */
export function startThread(job: Job, onEnd: (reason: string) => void): () => void {
  const worker = new Worker(new URL('./worker.web.js', import.meta.url), { type: 'module' });
  worker.addEventListener('error', ({ message }) => onEnd(message || 'its script could not be loaded'));
  worker.postMessage(job);
  return () => worker.terminate();
}
