import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EdgeVM } from '@edge-runtime/vm';
import { Miniflare } from 'miniflare';
import { bundle, type Engine, type Said, wasmModules } from './engine.ts';

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => require(`${name}/package.json`).version;

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

/** Vercel's edge runtime with code generation off, as it is deployed. */
export const edgeRuntime: Engine = {
  name: 'Vercel edge-runtime',
  hasThreads: false,
  version: async () => versionOf('@edge-runtime/vm'),
  async run(folder) {
    const script = `
      import * as gatelet from 'gatelet';
      import * as infer from 'gatelet/infer';
      import { job } from './job.mjs';
      globalThis.said = job(gatelet, infer);
    `;
    const plugins = [wasmModules((file) => ({ contents: `export default globalThis.wasm['${file}'];` }))];
    const code = await bundle(folder, script, ['edge-light'], { format: 'iife', plugins });
    const vm = new EdgeVM({ codeGeneration: { strings: false, wasm: false } });
    // Compiled by the host, as Vercel does; the prototype is that of the engine inside.
    const inside = vm.evaluate('WebAssembly.Module.prototype');
    const modules = wasmFiles(folder).flatMap(({ path, contents }) => {
      const bytes = new Uint8Array(contents);
      if (!WebAssembly.validate(bytes)) return []; // Node 20 has no relaxed SIMD
      return [[path, Object.setPrototypeOf(new WebAssembly.Module(bytes), inside)]];
    });
    vm.context.wasm = Object.fromEntries(modules);
    vm.evaluate(code);
    return vm.context.said as Promise<Said>;
  },
};
