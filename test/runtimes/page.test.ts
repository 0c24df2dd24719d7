import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, NO_CHROMIUM } from './browsers.ts';
import { serveFolder } from './folder-server.ts';
import { installExamples, remove } from './scratch.ts';

let folder: string;
beforeAll(() => {
  folder = installExamples();
});
afterAll(() => remove(folder));

test.skipIf(NO_CHROMIUM)('examples/browser: loads a model and classifies while one types', async () => {
  const site = join(folder, 'browser');
  symlinkSync(join(folder, 'node_modules/gatelet/dist'), join(site, 'gatelet'));
  const { url, close } = await serveFolder(site);
  const browser = await launchChromium();
  const page = await browser.newPage();
  const answer = page.locator('#answer');
  const says = (words: RegExp) => expect.poll(() => answer.innerText()).toMatch(words);
  await page.goto(url);
  await page.setInputFiles('#file', join(folder, 'browser', 'page.mjs'));
  await says(/safetensors/);
  await page.setInputFiles('#file', join(folder, 'mood.safetensors'));
  await page.fill('#text', 'a joy to watch');
  await says(/^\s*positive/);
  await page.fill('#text', 'dull plot');
  await says(/^\s*negative/);
  await browser.close();
  close();
});
