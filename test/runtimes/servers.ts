import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { Miniflare } from 'miniflare';
import { programs } from './consoles.ts';
import { vercelFunction } from './edge.ts';
import { bundle, wasmModules } from './engine.ts';
import { sendTo } from './load.ts';
import { cpuMs, residentMiB, type Serving, spawned } from './processes.ts';
import { wasmFiles } from './workers.ts';

const MODEL = 'mood.safetensors';

/** Starts a script that prints its address. @param folder of installExamples() */
function start(folder: string, program: string, flags: string[], script: string): Promise<Serving> {
  const path = script.startsWith('node') ? 'classify' : '';
  return spawned(program, [...flags, join(folder, script), join(folder, MODEL)], path);
}

/** Processes of workerd that this one has started. */
function workerds(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ');
  const names = children.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('workerd'));
  return names.map(Number);
}

/** A Cloudflare worker in workerd. */
async function worker(
  folder: string,
  script: string,
  bindings: { readonly r2Buckets?: string[]; readonly kvNamespaces?: string[] } = {},
): Promise<Serving> {
  const path = join(folder, script);
  const plugins = [wasmModules((file) => ({ external: `./${file}` })), modelBeside];
  const conditions = ['workerd', 'worker', 'browser'];
  const contents = await bundle(dirname(path), readFileSync(path, 'utf8'), conditions, { plugins });
  const model = readFileSync(join(folder, MODEL));
  const options = {
    compatibilityDate: '2026-07-01',
    modules: [
      { type: 'ESModule' as const, path: 'worker.js', contents },
      { type: 'Data' as const, path: MODEL, contents: model },
      ...wasmFiles(folder).map((file) => ({ type: 'CompiledWasm' as const, ...file })),
    ],
    ...bindings,
  };
  const { miniflare, ...serving } = await servedBy(() => new Miniflare(options));
  const put = async (store: unknown) => (store as Store).put(MODEL, new Uint8Array(model).buffer);
  if (bindings.r2Buckets) await put(await miniflare.getR2Bucket('MODELS_R2'));
  if (bindings.kvNamespaces) await put(await miniflare.getKVNamespace('MODELS_KV'));
  return { ...serving, idle };
}

/** What Miniflare's R2 and KV have in common; their own types come from a package of Cloudflare's. */
interface Store {
  put(key: string, value: ArrayBuffer): Promise<unknown>;
}

async function servedBy(newMiniflare: () => Miniflare): Promise<Serving & { miniflare: Miniflare }> {
  const before = workerds();
  const miniflare = newMiniflare();
  const { href } = await miniflare.ready;
  const pid = workerds().find((started) => !before.includes(started))!;
  return {
    miniflare,
    send: sendTo(href),
    memoryMiB: () => residentMiB(pid),
    cpuMs: () => cpuMs(pid),
    stop: () => miniflare.dispose(),
  };
}

function idle(): Promise<Serving> {
  const script = `export default {
    fetch: async (request) => { await request.text(); return Response.json({ label: 'positive' }); },
  };`;
  return servedBy(() => new Miniflare({ compatibilityDate: '2026-07-01', modules: true, script }));
}

const modelBeside: Plugin = {
  name: 'model-beside',
  setup({ onResolve }) {
    onResolve({ filter: /\.safetensors$/ }, () => ({ path: `./${MODEL}`, external: true }));
  },
};

const DENO = ['run', '--allow-read', '--allow-net', '--allow-env=PORT'];

/** An example, and how it is started; not at all where its engine is not there. */
export interface Example {
  readonly name: string;
  readonly start: ((folder: string) => Promise<Serving>) | undefined;
  /** Its requests run the code of another example. */
  readonly isVariant?: true;
  /** What its host allows a request of the processor, on the smallest plan. */
  readonly maxCpuMs?: number;
}

const { deno, bun } = programs;

/** Every example that serves. */
export const SERVERS: readonly Example[] = [
  { name: 'node-server', start: (folder) => start(folder, process.execPath, [], 'node-server/server.mjs') },
  { name: 'deno', start: deno ? (folder) => start(folder, deno, DENO, 'deno/server.mjs') : undefined },
  { name: 'bun', start: bun ? (folder) => start(folder, bun, ['run'], 'bun/server.mjs') : undefined },
  { name: 'vercel-edge', start: vercelFunction },
  {
    name: 'cloudflare-worker',
    start: (folder) => worker(folder, 'cloudflare-worker/worker.mjs'),
    maxCpuMs: 10,
  },
  {
    name: 'cloudflare-worker, from R2',
    start: (folder) => worker(folder, 'cloudflare-worker/from-bucket.mjs', { r2Buckets: ['MODELS_R2'] }),
    isVariant: true,
  },
  {
    name: 'cloudflare-worker, from KV',
    start: (folder) => worker(folder, 'cloudflare-worker/from-bucket.mjs', { kvNamespaces: ['MODELS_KV'] }),
    isVariant: true,
  },
];
