import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Measured {
  readonly name: string;
  readonly value: number;
  readonly goal?: number;
  readonly cpuMs?: number;
}
const page = readFileSync('docs/performance.md', 'utf8');
const results = (suite: string): Measured[] =>
  JSON.parse(readFileSync(`bench/results/${suite}.json`, 'utf8')).slice(1); // without the peak
const shown = (value: number | undefined) =>
  value === undefined ? '–' : String(Number(value.toPrecision(value < 1000 ? 3 : 4)));

const LIBRARIES = ['gatelet', 'onnxruntime-node', 'onnxruntime-web', 'tfjs', 'PyTorch'];
const peers = results('peers');
const tasks = [...new Set(peers.map(({ name }) => name.slice(0, name.lastIndexOf(', '))))];

describe('a number of docs/performance.md comes from bench/results', () => {
  test('every library has its column', () => {
    const libraries = new Set(peers.map(({ name }) => name.slice(name.lastIndexOf(', ') + 2)));
    expect([...libraries].sort()).toEqual([...LIBRARIES].sort());
  });

  test.each(tasks)('%s', (task) => {
    const rows = LIBRARIES.map((library) => peers.find(({ name }) => name === `${task}, ${library}`));
    const cells = (numbers: (number | undefined)[]) => `| ${numbers.map(shown).join(' | ')} |`;
    expect(page).toContain(`${cells(rows.map((row) => row?.value))} ${rows[0]!.goal} |`);
    if (rows[0]!.cpuMs !== undefined) expect(page).toContain(cells(rows.map((row) => row?.cpuMs)));
  });

  test.each(['startup', 'memory', 'tokenize'])('%s', (suite) => {
    for (const { name, value, goal } of results(suite)) {
      expect(page).toContain(`| ${name} | ${shown(value)} | ${goal ?? '–'} |`);
    }
  });
});
