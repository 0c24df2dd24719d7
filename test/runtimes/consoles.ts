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

/** Engines that are programs; undefined where npm has none for this system. */
export const programs = {
  node22: binary('node22', 'bin/node'),
  node24: binary('node24', 'bin/node'),
  deno: binary('deno', 'deno'),
  bun: binary('bun', 'bin/bun.exe'),
};

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
  consoleEngine('Node 22', programs.node22),
  consoleEngine('Node 24', programs.node24),
  consoleEngine('Deno', programs.deno, ['run', '--allow-read']),
  consoleEngine('Bun', programs.bun, ['run']),
];
