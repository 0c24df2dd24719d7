import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Engine, output } from './engine.ts';

const require = createRequire(import.meta.url);

/** Where a package has its program; undefined where npm could not install it. */
function binary(name: string, path: string): string | undefined {
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), path);
  } catch {
    return undefined;
  }
}

/** An engine that runs a script and prints. */
function consoleEngine(name: string, program = '', flags: readonly string[] = []): Engine {
  return {
    name,
    ...(program === '' && { missing: `npm has none for ${process.platform} ${process.arch}` }),
    hasThreads: true,
    version: async () => (await output(program, '--version')).split('\n')[0].replace(/^(v|deno )/, ''),
    run: async (folder) => JSON.parse(await output(program, ...flags, join(folder, 'entry.mjs'))),
  };
}

export const CONSOLES = [
  consoleEngine('Node', process.execPath),
  consoleEngine('Node 22', binary('node22', 'bin/node')),
  consoleEngine('Node 24', binary('node24', 'bin/node')),
  consoleEngine('Deno', binary('deno', 'deno'), ['run', '--allow-read']),
  consoleEngine('Bun', binary('bun', 'bin/bun.exe'), ['run']),
];
