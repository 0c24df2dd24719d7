import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import webpack from 'webpack';
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
      import * as infer from 'gatelet/infer';
      import { job } from './job.mjs';
      addEventListener('fetch', (event) => event.respondWith(job(gatelet, infer).then((said) => Response.json(said))));`,
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

/**
 * A route of Next.js, bundled as Next.js bundles for the edge: webpack, with the condition edge-light, and wasm files
 * as modules that the host has compiled.
 * @param folder with app/api/edge/route.js
 */
export async function nextRoute(folder: string): Promise<Serving> {
  const entry = join(folder, 'entry.js');
  writeFileSync(
    entry,
    `import { POST } from './app/api/edge/route.js';
    addEventListener('fetch', (event) => event.respondWith(POST(event.request)));`,
  );
  const loader = join(folder, 'wasm-loader.cjs');
  writeFileSync(
    loader,
    `module.exports = function () {
      return 'export default globalThis.wasm["' + this.resourcePath.replace(/.*[/]/, '') + '"];';
    };
    module.exports.raw = true;`,
  );
  const compiler = webpack({
    mode: 'production',
    context: folder,
    target: ['webworker', 'es2022'],
    entry,
    resolve: { conditionNames: ['edge-light', 'worker', 'module', 'import'] },
    module: { rules: [{ resourceQuery: /module/, type: 'javascript/auto', loader }] },
    output: { path: join(folder, 'site'), filename: 'edge.js', publicPath: 'file:///site/' },
    plugins: [new webpack.BannerPlugin({ banner: 'self.location = "file:///";', raw: true })],
  })!;
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  if (stats!.hasErrors()) throw new Error(stats!.toString());
  return spawned(process.execPath, [here('edge-server.mjs'), join(folder, 'site/edge.js'), folder]);
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
