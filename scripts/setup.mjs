// Makes a checkout ready, whatever state it is in: installs what the lock file names, then builds what is
// older than its sources. `npm start`, `npm test` and the other scripts begin with it. Arguments are folders with a
// package-lock.json of their own, to be installed, too.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

install(root);
for (const folder of process.argv.slice(2)) install(join(root, folder));

const sources = [
  ...['assembly', 'src', 'asconfig.json', 'package.json', 'scripts/build.mjs', 'scripts/catalogue.mjs'],
  ...['tsconfig.json', 'tsconfig.types.json'],
];
if (modified('dist/types/index.d.ts') < Math.max(...sources.map(newest))) {
  process.stderr.write('Building …\n');
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
}

/** When a file was written, in milliseconds; 0 if there is none. */
function modified(path) {
  const file = join(root, path);
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

/** When the newest file of a folder was written; what the build writes does not count. */
function newest(path) {
  const file = join(root, path);
  if (!statSync(file).isDirectory()) return modified(path);
  const names = readdirSync(file, { recursive: true }).filter(
    (name) => !/(kernels|catalogue)\.generated/.test(name),
  );
  return Math.max(...names.map((name) => modified(join(path, name))));
}
