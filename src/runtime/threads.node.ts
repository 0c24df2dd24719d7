import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Build } from './kernels.ts';
import type { Job } from './work.ts';

/** Why there can be no threads: never in Node. */
export function noThreads(): string | undefined {
  return undefined;
}

/** The kernels of this package over shared memory: the door for Node. */
export async function loadSharedModule(build: Build): Promise<WebAssembly.Module> {
  const url =
    build === 'relaxed'
      ? new URL('./gatelet-relaxed-shared.wasm', import.meta.url)
      : new URL('./gatelet-shared.wasm', import.meta.url);
  const bytes = await readFile(url);
  return WebAssembly.compile(new Uint8Array(bytes));
}

/**
 * Starts a thread; it does not keep the process alive.
 * @param onEnd called when it ends without being told to, with the reason
 * @returns what ends it
 */
export function startThread(job: Job, onEnd: (reason: string) => void): () => void {
  const worker = new Worker(new URL('./worker.node.js', import.meta.url), { workerData: job });
  worker.unref();
  worker.on('error', ({ message }) => onEnd(message));
  worker.on('exit', (code) => onEnd(`it ended with exit code ${code}`));
  return () => void worker.removeAllListeners('exit').terminate();
}
