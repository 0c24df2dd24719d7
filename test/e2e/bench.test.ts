import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../bench/main.mjs', import.meta.url));
const bench = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

/** The names of the rows that promise something of the plain build, and the promise. */
const goals: Record<string, Record<string, number>> = {
  kernels: {
    'recurrent step (32,1024,256)': 82,
    'input projection (3200,1024,128)': 82,
    'input gradient (3200,256,1024)': 82,
    'recurrent weight gradient AᵀB (256,1024,3200)': 72,
    'input weight gradient AᵀB (128,1024,3200)': 72,
    'matrix-vector (1,1024,256)': 12.5,
    'matrix-vector, int8 weights (1,1024,256)': 7.6,
    exp: 1.3,
    sigmoid: 1.3,
    tanh: 1.3,
    'LSTM step, f32 (batch 1, H 256)': 13,
    'LSTM step, int8 (batch 1, H 256)': 11,
  },
  predict: {
    'predict one text, f32': 1.25,
    'predict one text, int8': 1,
    'predict 32 texts at once, f32': 900,
    'predict 32 texts at once, int8': 2000,
  },
  step: {
    'train step': 115,
    'train step, share of peak': 86,
    'train step, full model': 190,
    'train step, two threads': 62,
    'train step, two threads beside one': 1.8,
  },
  train: {},
  scaling: {},
  startup: {
    ...Object.fromEntries(
      ['gatelet', 'gatelet/infer', 'gatelet/infer int8'].flatMap((name) => [
        [`${name}: from code and model bytes in memory to the first answer`, 5],
        [`${name}: longest of answers 2 to 20 of a process, 100 words each`, 10],
      ]),
    ),
    'gatelet: longest of answers 2 to 20 of a process, 100 words each, behind warm()': 10,
  },
  norms: {},
  memory: {
    ...(process.platform === 'linux' && { 'process that trains': 120 }),
    'planned to predict one text, int8 weights of 1 MB, beyond the weights': 4,
  },
  tokenize: { 'split and encode English': 5 },
};
/** Where the relaxed build promises more. */
const goalsOfRelaxed: Record<string, number> = {
  'recurrent step (32,1024,256)': 90,
  'input projection (3200,1024,128)': 90,
  'input gradient (3200,256,1024)': 90,
  'recurrent weight gradient AᵀB (256,1024,3200)': 80,
  'input weight gradient AᵀB (128,1024,3200)': 80,
  'matrix-vector, int8 weights (1,1024,256)': 2.5,
  'LSTM step, f32 (batch 1, H 256)': 11.9,
  'LSTM step, int8 (batch 1, H 256)': 3.5,
  'predict one text, int8': 0.5,
};
/** Suites that measure both builds. */
const BOTH = ['kernels', 'predict', 'step', 'train'];

const relaxed = (promised: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(promised).map(([name, goal]) => [`${name}, relaxed`, goalsOfRelaxed[name] ?? goal]),
  );

describe('bench', () => {
  it('prints one JSON array of rows, suite after suite, with every goal', { timeout: 240_000 }, () => {
    // Without names: all but the one that installs other libraries.
    const { status, stdout } = bench('--json', '--quick');
    expect(status).toBe(0);
    const rows: Record<string, unknown>[] = JSON.parse(stdout);
    for (const row of rows) {
      expect(row).toMatchObject({
        suite: expect.toSatisfy((suite: string) => suite in goals),
        name: expect.any(String),
        value: expect.any(Number),
        unit: expect.any(String),
        better: expect.stringMatching(/^(lower|higher)$/),
      });
      expect(row.value).toBeGreaterThan(0);
    }
    for (const [suite, promised] of Object.entries(goals)) {
      const own = rows.filter((row) => row.suite === suite);
      expect(own[0]).toMatchObject({
        name: 'calibrated peak',
        cpu: expect.any(String),
        node: process.version,
      });
      expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
      const withGoal = own.filter(({ goal }) => goal !== undefined);
      const expected = { ...promised, ...(BOTH.includes(suite) && relaxed(promised)) };
      expect(Object.fromEntries(withGoal.map(({ name, goal }) => [name, goal]))).toEqual(expected);
    }
  });

  it('refuses a suite that does not exist and names those that do', () => {
    const { status, stdout, stderr } = bench('kernel');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("there is no suite 'kernel'");
    expect(stderr).toContain(
      'Suites: kernels, memory, norms, peers, predict, scaling, startup, step, tokenize, train',
    );
    expect(stderr).toContain('all run but peers');
  });
});
