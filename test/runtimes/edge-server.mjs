// node edge-server.mjs code.js folder
// Vercel's runtime as it is deployed: no code from strings, no wasm from bytes. Prints its address.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EdgeRuntime, runServer } from 'edge-runtime';

const [code, folder] = process.argv.slice(2);
const runtime = new EdgeRuntime({ codeGeneration: { strings: false, wasm: false } });
const { context } = runtime;

// Compiled by the host, as Vercel does; the prototype is that of the engine inside.
const inside = runtime.evaluate('WebAssembly.Module.prototype');
context.wasm = {};
for (const name of ['gatelet.wasm', 'gatelet-relaxed.wasm', 'gatelet-infer.wasm']) {
  const bytes = readFileSync(join(folder, 'node_modules/gatelet/dist', name));
  if (!WebAssembly.validate(bytes)) continue; // Node 20 has no relaxed SIMD
  context.wasm[name] = Object.setPrototypeOf(new WebAssembly.Module(bytes), inside);
}

// A file that the code names by its own address is deployed beside it.
const { fetch } = context;
context.fetch = async (url, ...rest) => {
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:') return fetch(url, ...rest);
  return new context.Response(readFileSync(join(folder, pathname)));
};

runtime.evaluate(readFileSync(code, 'utf8'));
const { url } = await runServer({ runtime, host: 'localhost' });
console.log(url);
