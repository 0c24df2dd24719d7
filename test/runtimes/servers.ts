import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Miniflare, type MiniflareOptions } from 'miniflare';
import { programs } from './consoles.ts';
import { bundle, wasmModules } from './engine.ts';
import { type Send, sendTo } from './load.ts';
import { wasmFiles } from './workers.ts';

/** An example that serves. */
export interface Serving {
  readonly send: Send;
  /** Resident memory of the process that serves, in MiB. */
  memoryMiB(): number;
  stop(): Promise<void>;
}

/** Starts a script that prints its address. @param folder of installExamples() */
async function start(folder: string, program: string, flags: string[], script: string): Promise<Serving> {
  const child = spawn(program, [...flags, join(folder, script), join(folder, 'mood.safetensors')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    send: sendTo(script.startsWith('node') ? `${url}/classify` : url),
    memoryMiB: () => residentMiB(child.pid!),
    stop: () => stopped(child),
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

function residentMiB(pid: number): number {
  const [, kib] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s*(\d+)/)!;
  return Number(kib) / 1024;
}

/** workerd is a child of this process. */
function workerdMiB(): number {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const own = children.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('workerd'));
  return Math.max(...own.map((pid) => residentMiB(Number(pid))));
}

/** A Cloudflare worker in workerd. */
async function worker(folder: string, script: string, bindings: Partial<MiniflareOptions>): Promise<Serving> {
  const path = join(folder, script);
  const plugins = [
    wasmModules((file) => ({ external: `./${file}` })),
    {
      name: 'model',
      setup: ({ onResolve }: import('esbuild').PluginBuild) =>
        onResolve({ filter: /\.safetensors$/ }, () => ({ path: './mood.safetensors', external: true })),
    },
  ];
  const conditions = ['workerd', 'worker', 'browser'];
  const contents = await bundle(dirname(path), readFileSync(path, 'utf8'), conditions, { plugins });
  const model = readFileSync(join(folder, 'mood.safetensors'));
  const miniflare = new Miniflare({
    compatibilityDate: '2026-07-01',
    modules: [
      { type: 'ESModule', path: 'worker.js', contents },
      { type: 'Data', path: 'mood.safetensors', contents: model },
      ...wasmFiles(folder).map((file) => ({ type: 'CompiledWasm' as const, ...file })),
    ],
    ...bindings,
  } as MiniflareOptions);
  const url = await miniflare.ready;
  if (bindings.r2Buckets) await (await miniflare.getR2Bucket('MODELS_R2')).put('mood.safetensors', model);
  if (bindings.kvNamespaces) {
    await (await miniflare.getKVNamespace('MODELS_KV')).put('mood.safetensors', new Uint8Array(model).buffer);
  }
  return { send: sendTo(url.href), memoryMiB: workerdMiB, stop: () => miniflare.dispose() };
}

/** Every example that serves, by its folder or file; undefined where the engine is not there. */
export const SERVERS: Readonly<Record<string, ((folder: string) => Promise<Serving>) | undefined>> = {
  'node-server': (folder) => start(folder, process.execPath, [], 'node-server/server.mjs'),
  deno: programs.deno && ((folder) => start(folder, programs.deno!, DENO, 'deno/server.mjs')),
  bun: programs.bun && ((folder) => start(folder, programs.bun!, ['run'], 'bun/server.mjs')),
  'cloudflare-worker': (folder) => worker(folder, 'cloudflare-worker/worker.mjs', {}),
  'cloudflare-worker, from R2': (folder) =>
    worker(folder, 'cloudflare-worker/from-bucket.mjs', { r2Buckets: ['MODELS_R2'] }),
  'cloudflare-worker, from KV': (folder) =>
    worker(folder, 'cloudflare-worker/from-bucket.mjs', { kvNamespaces: ['MODELS_KV'] }),
};
const DENO = ['run', '--allow-read', '--allow-net', '--allow-env=PORT'];

void readdirSync;
