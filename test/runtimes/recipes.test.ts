import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, NO_CHROMIUM } from './browsers.ts';
import { nextRoute } from './edge.ts';
import { output } from './engine.ts';
import { serveFolder } from './folder-server.ts';
import { cook, readRecipes, stock } from './recipes.ts';
import { installExamples, remove } from './scratch.ts';

const recipes = readRecipes();
const recipeOf = (name: string) => recipes.find((recipe) => recipe.name === name)!;
const PAGES = ['No bundler', 'esbuild', 'Rollup', 'webpack', 'Vite'];
const [NODE, NEXT] = ['A program for Node in one file', 'Next.js'];

let folder: string;
/** The probability that a joy to watch is positive. */
let expected: number;
let browser: Browser;
beforeAll(async () => {
  folder = installExamples();
  stock(folder);
  const script = `import { load, predict } from 'gatelet';
    import { readFileSync } from 'node:fs';
    console.log(predict(await load(readFileSync('${folder}/mood.safetensors')), 'a joy to watch').probability);`;
  expected = Number(await output(process.execPath, '--input-type=module', '-e', script));
});
afterAll(async () => {
  await browser?.close();
  remove(folder);
});

/** Engines with relaxed SIMD differ in the last bits. */
function agrees(said: string): void {
  const [label, probability] = said.split(' ');
  expect(label).toBe('positive');
  expect(Number(probability)).toBeCloseTo(expected, 4);
}

async function pageSays(url: string): Promise<string> {
  browser ??= await launchChromium();
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction("document.body.textContent.includes(' 0.')");
  const said = await page.innerText('body');
  await page.close();
  return said;
}

test('every recipe has its job', () => {
  expect(recipes.map(({ name }) => name)).toEqual([...PAGES, NODE, NEXT]);
});

describe.skipIf(NO_CHROMIUM)('in Chromium', () => {
  test.each(PAGES)('%s', async (name) => {
    const { url, close } = await serveFolder(join(cook(folder, recipeOf(name)), 'site'));
    agrees(await pageSays(url));
    close();
  });

  test('Vite, while one develops', async () => {
    const kitchen = cook(folder, { ...recipeOf('Vite'), name: 'vite-dev', commands: [] });
    copyFileSync(join(folder, 'mood.safetensors'), join(kitchen, 'mood.safetensors'));
    const server = await createServer({
      root: kitchen,
      configFile: join(kitchen, 'vite.config.mjs'),
      logLevel: 'error',
    });
    await server.listen();
    agrees(await pageSays(server.resolvedUrls!.local[0]));
    await server.close();
  });
});

test(NODE, async () => {
  const kitchen = cook(folder, recipeOf(NODE));
  agrees(
    await output(
      process.execPath,
      '--eval',
      `process.chdir('${kitchen}/site'); import('${kitchen}/site/app.mjs')`,
    ),
  );
});

test('Next.js on the edge', async () => {
  const kitchen = cook(folder, recipeOf(NEXT));
  copyFileSync(join(folder, 'mood.safetensors'), join(kitchen, 'app/api/edge/mood.safetensors'));
  const serving = await nextRoute(kitchen);
  const { json } = await serving.send('a joy to watch');
  const { label, probability } = json as { label: string; probability: number };
  agrees(`${label} ${probability}`);
  await serving.stop();
});
