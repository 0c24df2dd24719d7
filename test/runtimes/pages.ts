import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bundle } from './engine.ts';

/** Where in a browser the package runs. */
export interface Place {
  readonly name: string;
  /** Headers of the page and of all its files. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hasThreads: boolean;
  /** The page's script; it puts what was said, or a promise of it, into globalThis.said. */
  readonly page: string;
  /** Another script, served as other.js. */
  readonly other?: string;
}

const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
/** What an extension of manifest 3 has, and a site that is as strict. */
const STRICT = { 'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" };
const IMPORTS =
  "import * as gatelet from 'gatelet'; import * as infer from 'gatelet/infer'; import { job } from './job.mjs';";

export const PLACES: readonly Place[] = [
  {
    name: 'page',
    headers: ISOLATED,
    hasThreads: true,
    page: `${IMPORTS} globalThis.said = job(gatelet, infer);`,
  },
  {
    name: "page with a Content-Security-Policy of only 'wasm-unsafe-eval', as an extension's",
    headers: { ...STRICT, ...ISOLATED },
    hasThreads: true,
    page: `${IMPORTS} globalThis.said = job(gatelet, infer);`,
  },
  {
    name: 'Web Worker of a page that is not isolated',
    headers: {},
    hasThreads: false,
    page: `
      const worker = new Worker('/other.js', { type: 'module' });
      globalThis.said = new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });`,
    other: `${IMPORTS} job(gatelet, infer).then((said) => postMessage(said));`,
  },
  {
    name: 'service worker',
    headers: {},
    hasThreads: false,
    page: `
      const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
      navigator.serviceWorker.register('/other.js', { type: 'module' });
      globalThis.said = controlled.then(() => fetch('/said')).then((answer) => answer.json());`,
    other: `${IMPORTS}
      addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      addEventListener('fetch', (event) => {
        if (new URL(event.request.url).pathname !== '/said') return;
        event.respondWith(job(gatelet, infer).then((said) => Response.json(said)));
      });`,
  },
];

/** A static folder: the bundled scripts, and beside them the files of the package. */
export async function serve(folder: string, { headers, page, other }: Place) {
  const scripts = new Map([['/page.js', await bundle(folder, page, ['browser'])]]);
  if (other) scripts.set('/other.js', await bundle(folder, other, ['browser']));
  const server = createServer(({ url = '/' }, response) => {
    const answer = (type: string, content: string | Uint8Array) =>
      response.writeHead(200, { 'content-type': type, ...headers }).end(content);
    if (url === '/')
      return answer('text/html', '<!doctype html><script type="module" src="/page.js"></script>');
    const script = scripts.get(url);
    if (script !== undefined) return answer('text/javascript', script);
    const type = url.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
    try {
      return answer(type, readFileSync(join(folder, 'node_modules/gatelet/dist', url)));
    } catch {
      return response.writeHead(404, headers).end();
    }
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}
