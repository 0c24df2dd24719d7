import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/source.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

test('the notes that wait become a version and a changelog', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatelet-release-'));
  cpSync(join(root, '.changeset'), join(folder, '.changeset'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  writeFileSync(join(folder, '.changeset/one-more.md'), "---\n'gatelet': patch\n---\n\nOne more thing.\n");
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: folder });
  const bin = join(root, 'node_modules/@changesets/cli/bin.js');
  execFileSync(process.execPath, [bin, 'version'], { cwd: folder, stdio: 'pipe' });
  const versionIn = (manifest: string): string => JSON.parse(manifest).version;
  const version = versionIn(readFileSync(join(folder, 'package.json'), 'utf8'));
  const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(version).not.toBe(versionIn(read('package.json')));
  expect(changelog).toContain(`## ${version}`);
  expect(changelog).toContain('One more thing.');
});

test('the workflow runs what .ci/run runs, on every Node that the README names', () => {
  const workflow = read('.github/workflows/ci.yml');
  const [, versions] = workflow.match(/node: \[([\d, ]+)\]/)!;
  expect(read('README.md')).toContain(`Node ${versions.replace(/, (\d+)$/, ' and $1')}`);
  expect(JSON.parse(read('package.json')).engines.node).toBe(`>=${versions.split(',')[0]}`);
  expect(workflow).toContain('- run: .ci/run');
  const [, commands] = read('README.md').match(/```sh\n([\s\S]*?)```/)!;
  const named = [...commands.matchAll(/^npm \w+/gm)].map(([command]) => command);
  expect(named).toEqual(['npm start', 'npm test']);
  for (const command of named) expect(workflow + read('.ci/run')).toMatch(new RegExp(`${command}$`, 'm'));
});

test('every script that the workflow and the contributing guide name is there', () => {
  const text = read('.github/workflows/ci.yml') + read('CONTRIBUTING.md');
  const named = new Set([...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name));
  expect([...named]).toEqual(expect.arrayContaining(['version', 'release', 'docs', 'fuzz']));
  const { scripts } = JSON.parse(read('package.json'));
  expect([...named].filter((name) => !(name in scripts))).toEqual([]);
});
