import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'node:path';
import { expect, test } from 'vitest';

test('README.md, docs/performance.md and the plots say what bench/results say', () => {
  const { stderr, status } = spawnSync(process.execPath, ['bench/report.mjs', '--check'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});

test('every suite has its raw results named on the page', () => {
  const page = readFileSync('docs/performance.md', 'utf8');
  const suites = readdirSync('bench/suites').map((file) => parse(file).name);
  for (const suite of suites) expect(page).toContain(`(../bench/results/${suite}.json)`);
});
