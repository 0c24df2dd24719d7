import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, NO_CHROMIUM } from './browsers.ts';
import { installExamples, remove } from './scratch.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

let folder: string;
beforeAll(() => {
  folder = installExamples();
});
afterAll(() => remove(folder));

/** examples/browser, with the package's dist/ in it as gatelet/. */
async function serve() {
  const server = createServer(({ url = '/' }, response) => {
    const [, inPackage] = url.match(/^\/gatelet\/(.*)/) ?? [];
    const path = inPackage
      ? join(folder, 'node_modules/gatelet/dist', inPackage)
      : join(folder, 'browser', url === '/' ? 'index.html' : url);
    const type = TYPES[extname(path)] ?? 'text/javascript';
    try {
      response.setHeader('content-type', type).end(readFileSync(path));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return server;
}

test.skipIf(NO_CHROMIUM)('examples/browser: loads a model and classifies while one types', async () => {
  const server = await serve();
  const browser = await launchChromium();
  const page = await browser.newPage();
  const answer = page.locator('#answer');
  const says = (words: RegExp) => expect.poll(() => answer.innerText()).toMatch(words);
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  await page.setInputFiles('#file', join(folder, 'browser', 'page.mjs'));
  await says(/safetensors/);
  await page.setInputFiles('#file', join(folder, 'mood.safetensors'));
  await page.fill('#text', 'a joy to watch');
  await says(/^\s*positive/);
  await page.fill('#text', 'dull plot');
  await says(/^\s*negative/);
  await browser.close();
  server.close();
});
