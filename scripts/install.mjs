// Installs what a folder's package-lock.json names, unless it is there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * What is installed is known by the lock file's hash, kept beside it: npm ci begins by removing everything, so
 * it shall not run because a checkout touched a file. A linked folder belongs to somebody else.
 */
export function install(folder, flags = []) {
  const modules = join(folder, 'node_modules');
  const stamp = join(modules, '.installed-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  const isLink = lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink();
  if (isLink || (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock)) return;
  process.stderr.write(`Installing packages for ${basename(folder)} …\n`);
  // The shell finds npm on every system. Standard output belongs to what was asked for.
  const command = ['npm ci --no-audit --no-fund', ...flags].join(' ');
  execFileSync(command, { cwd: folder, stdio: ['ignore', 2, 2], shell: true });
  writeFileSync(stamp, lock);
}
