import { execFileSync, execSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../support/source.ts';

/** What `npm pack` makes, in a folder outside the project. The caller removes it. */
export function packPackage(): { folder: string; tarball: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gatelet-runtimes-'));
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
  return { folder, tarball: join(folder, filename) };
}

/**
 * A folder outside the project with the package installed from what `npm pack` makes, and the scripts of this
 * folder beside it. The caller removes it.
 */
export function installPackage(): string {
  const { folder, tarball } = packPackage();
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  execSync(`npm install --no-audit --no-fund --prefer-offline ${tarball}`, { cwd: folder, stdio: 'pipe' });
  for (const name of ['job.mjs', 'entry.mjs']) copyFileSync(here(name), join(folder, name));
  return folder;
}

/** The package with the examples beside it, and a model that they serve. */
export function installExamples(): string {
  const folder = installPackage();
  cpSync(join(root, 'examples'), folder, { recursive: true });
  copyFileSync(here('model.mjs'), join(folder, 'model.mjs'));
  execFileSync(process.execPath, [join(folder, 'model.mjs')], { cwd: folder });
  copyFileSync(join(folder, 'mood.safetensors'), join(folder, 'cloudflare-worker', 'mood.safetensors'));
  return folder;
}

/** A file of this folder. */
export function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
