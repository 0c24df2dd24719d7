// node edge-server.mjs code.js folder
// Vercel's runtime as it is deployed: no code from strings, no wasm from bytes. Prints its address.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EdgeRuntime, runServer } from 'edge-runtime';

const [code, folder] = process.argv.slice(2);
const runtime = new EdgeRuntime({ codeGeneration: { strings: false, wasm: false } });
const { context } = runtime;

// Compiled outside, as Next.js does: what the code imports, all of it, before anything runs.
const text = readFileSync(code, 'utf8');
const imported = [...text.matchAll(/globalThis\.wasm\[["']([^"']+)/g)].map(([, name]) => name);
context.wasm = Object.fromEntries(
  imported.map((name) => {
    const bytes = readFileSync(join(folder, 'node_modules/gatelet/dist', name));
    return [name, new WebAssembly.Module(bytes)];
  }),
);

// A file that the code names by its own address is deployed beside it.
const { fetch } = context;
context.fetch = async (url, ...rest) => {
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:') return fetch(url, ...rest);
  return new context.Response(readFileSync(join(folder, pathname)));
};

runtime.evaluate(text);
const { url } = await runServer({ runtime, host: 'localhost' });
console.log(url);
