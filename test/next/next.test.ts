import { execFileSync, execSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRecipes } from '../runtimes/recipes.ts';
import { installExamples, remove } from '../runtimes/scratch.ts';

const VERSIONS = 'next@16.4.6 react@19.3.1 react-dom@19.3.1';
const NEXT = 'node_modules/next/dist/bin/next';
const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };

let folder: string;
beforeAll(() => {
  folder = installExamples();
  execSync(`npm install --no-audit --no-fund ${VERSIONS}`, { cwd: folder, stdio: 'pipe' });
  // As create-next-app leaves it: with a type, webpack's build of the edge misses files of its own.
  execSync('npm pkg delete type', { cwd: folder, stdio: 'pipe' });
  const { files } = readRecipes().find(({ name }) => name === 'Next.js')!;
  for (const [path, content] of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  copyFileSync(join(folder, 'mood.safetensors'), join(folder, 'app/api/edge/mood.safetensors'));
});
afterAll(() => remove(folder));

test.each(['--turbopack', '--webpack'])(
  'routes built with %s answer, on Node and on the edge',
  async (bundler) => {
    rmSync(join(folder, '.next'), { recursive: true, force: true });
    execFileSync(process.execPath, [NEXT, 'build', bundler], { cwd: folder, env, stdio: 'pipe' });
    const server = spawn(process.execPath, [NEXT, 'start', '-p', '0'], {
      ...{ cwd: folder, env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(server, 'exit');
    try {
      const url = await addressOf(server.stdout);
      for (const route of ['classify', 'edge']) {
        const response = await fetch(`${url}/api/${route}`, { method: 'POST', body: 'a joy to watch' });
        const { label, probability } = (await response.json()) as { label: string; probability: number };
        expect(label).toBe('positive');
        expect(probability).toBeGreaterThan(0.9);
      }
    } finally {
      server.kill();
      await exit;
    }
  },
);

/** Where the server says it listens. What it says later is read, too, lest it ends for want of a listener. */
function addressOf(output: Readable): Promise<string> {
  return new Promise((resolve) => {
    createInterface(output).on('line', (line) => {
      const [url] = line.match(/http:\/\/localhost:\d+/) ?? [];
      if (url) resolve(url);
    });
  });
}
