// Makes a script of one that is TypeScript, for processes and threads that run it without vitest.
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** @param entry path of the script from the root @returns where what can be run lies, two folders below the root */
export async function bundled(entry) {
  const outfile = join(root, 'build/scripts', `${basename(entry, '.ts')}.mjs`);
  await build({
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    logLevel: 'warning',
    entryPoints: [entry],
    outfile,
    packages: 'external',
    external: ['#module', '#threads'],
  });
  return outfile;
}
