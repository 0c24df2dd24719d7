import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { bundle, type Engine, type Said, wasmModules } from './engine.ts';

const require = createRequire(import.meta.url);
/** Of a package of this folder. */
export const versionOf = (name: string): string => require(`${name}/package.json`).version;

const WASM = ['gatelet.wasm', 'gatelet-relaxed.wasm', 'gatelet-infer.wasm'];

/** The wasm files of an installed package. */
export const wasmFiles = (folder: string) =>
  WASM.map((path) => ({ path, contents: readFileSync(join(folder, 'node_modules/gatelet/dist', path)) }));

/** Cloudflare's engine: wasm modules are imported, nothing is compiled from bytes. */
export const workerd: Engine = {
  name: 'workerd',
  hasThreads: false,
  version: async () => versionOf('workerd'),
  async run(folder) {
    const worker = `
      import * as gatelet from 'gatelet';
      import * as infer from 'gatelet/infer';
      import { job } from './job.mjs';
      export default { fetch: async () => Response.json(await job(gatelet, infer)) };
    `;
    const plugins = [wasmModules((file) => ({ external: `./${file}` }))];
    const contents = await bundle(folder, worker, ['workerd', 'worker', 'browser'], { plugins });
    const miniflare = new Miniflare({
      compatibilityDate: '2026-07-01',
      modules: [
        { type: 'ESModule', path: 'worker.js', contents },
        ...wasmFiles(folder).map((file) => ({ type: 'CompiledWasm' as const, ...file })),
      ],
    });
    try {
      const answer = await miniflare.dispatchFetch('http://localhost/');
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()) as Said;
    } finally {
      await miniflare.dispose();
    }
  },
};
