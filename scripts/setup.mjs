// Makes a checkout ready, whatever state it is in: installs what the lock file names, then builds what is
// older than its sources. `npm start`, `npm test` and the other scripts begin with it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

// What is installed is known by the lock file's hash, kept beside it: npm ci begins by removing everything, so
// it shall not run because a checkout touched a file. A linked folder belongs to somebody else.
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-lock');
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const isLink = lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink();
if (!isLink && (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock)) {
  step('Installing packages');
  // The shell finds npm on every system. Standard output belongs to what was asked for.
  execFileSync('npm ci --no-audit --no-fund', { cwd: root, stdio: ['ignore', 2, 2], shell: true });
  writeFileSync(stamp, lock);
}

const sources = [
  ...['assembly', 'src', 'asconfig.json', 'package.json', 'scripts/build.mjs'],
  ...['tsconfig.json', 'tsconfig.types.json'],
];
if (modified('dist/types/index.d.ts') < Math.max(...sources.map(newest))) {
  step('Building');
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
}

function step(what) {
  process.stderr.write(`${what} …\n`);
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
  const names = readdirSync(file, { recursive: true }).filter((name) => !name.includes('kernels.generated'));
  return Math.max(...names.map((name) => modified(join(path, name))));
}
