import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, type Engine, type Said, wasmModules } from './engine.ts';
import { type Serving, spawned } from './processes.ts';
import { here } from './scratch.ts';
import { versionOf } from './workers.ts';

/** Vercel's edge runtime with code generation off, as it is deployed. */
export const edgeRuntime: Engine = {
  name: 'Vercel edge-runtime',
  hasThreads: false,
  version: async () => versionOf('edge-runtime'),
  async run(folder) {
    const serving = await serve(
      folder,
      `import * as gatelet from 'gatelet';
      import { job } from './job.mjs';
      addEventListener('fetch', (event) => event.respondWith(job(gatelet).then((said) => Response.json(said))));`,
    );
    try {
      return (await serving.send('')).json as Said;
    } finally {
      await serving.stop();
    }
  },
};

/** examples/vercel-edge. @param folder of installExamples() */
export function vercelFunction(folder: string): Promise<Serving> {
  return serve(
    folder,
    `import handler from './vercel-edge/api/classify.mjs';
    addEventListener('fetch', (event) => event.respondWith(handler(event.request)));`,
  );
}

/** A script that listens for requests, in a process of its own. */
async function serve(folder: string, script: string): Promise<Serving> {
  const plugins = [wasmModules((file) => ({ contents: `export default globalThis.wasm['${file}'];` }))];
  const define = { 'import.meta.url': '"file:///function.js"' };
  const code = await bundle(folder, script, ['edge-light'], { format: 'iife', plugins, define });
  const path = join(folder, 'edge.js');
  writeFileSync(path, code);
  return spawned(process.execPath, [here('edge-server.mjs'), path, folder]);
}
