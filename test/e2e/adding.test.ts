import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'gatelet-adding-'));
const script = fileURLToPath(new URL('../../examples/adding-problem.mjs', import.meta.url));
const adding = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8' });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run adding', () => {
  let run: ReturnType<typeof adding>;
  beforeAll(() => {
    run = adding('--lengths', '30', '--epochs', '6', '--svg', 'flow.svg');
  });

  it('shows that the gradient of an RNN vanishes where those of GRU and LSTM arrive', () => {
    expect([run.status, run.stderr]).toEqual([0, '']);
    const first = Object.fromEntries(
      [...run.stdout.matchAll(/^ {2}(RNN|GRU|LSTM) .* (\S+) at the last number, (\S+) at the first$/gm)].map(
        ([, name, last, first]) => [name, Number(first) / Number(last)],
      ),
    );
    expect(Object.keys(first)).toEqual(['RNN', 'GRU', 'LSTM']);
    expect(first.RNN).toBeLessThan(0.02);
    expect(first.GRU).toBeGreaterThan(0.2);
    expect(first.LSTM).toBeGreaterThan(0.2);
  });

  it('learns with gates', () => {
    const [, error] = /^ {2}GRU +error (\S+)/m.exec(run.stdout)!;
    expect(Number(error)).toBeLessThan(0.02);
  });

  it('sees an unclipped RNN explode, and a clipped one go on', () => {
    expect(run.stdout).toMatch(/^ {2}unclipped {2}the loss is no longer a number at step \d+/m);
    expect(run.stdout).toMatch(/^ {2}clipped {4}error 0\.\d{4}$/m);
  });

  it('draws it', () => {
    for (const name of ['RNN', 'GRU', 'LSTM']) expect(run.stdout).toContain(`${name}, 30 numbers: ‖∂L/∂h‖`);
    expect(readFileSync(join(folder, 'flow.svg'), 'utf8')).toMatch(
      /^<svg[\s\S]*LSTM, 30 numbers[\s\S]*<\/svg>\n$/,
    );
  });

  it.each([[['--lengths', '1']], [['--epochs', 'many']], [['--nothing']]])('%j: refused', (args) => {
    const { status, stderr } = adding(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^npm run adding: .*\nSuch as: npm run adding -- --lengths/);
  });
});
