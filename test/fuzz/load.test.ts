import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/io/safetensors.ts';
import { LAYERS } from '../../src/model/registry.ts';
import { makeSeeds } from './seeds.ts';

/** Layers that do something in training alone, and stand for nothing in a prediction. */
const TRAINING_ONLY = ['adversarial'];

test('mutants come from files with every layer', async () => {
  const kinds = (await makeSeeds()).flatMap(({ bytes }) =>
    JSON.parse(decodeSafetensors(bytes).metadata.model).layers.map(({ kind }: { kind: string }) => kind),
  );
  expect([...new Set([...kinds, ...TRAINING_ONLY])].sort()).toEqual(Object.keys(LAYERS).sort());
});

/** What takes some 15 s of a core that nobody else wants; `npm run fuzz` takes 100,000. */
const COUNT = 3000;
const timeout = 300_000;

test(`${COUNT} mutants of model files are refused with a reason, or work`, { timeout }, () => {
  const args = ['test/fuzz/main.mjs', '--count', String(COUNT), '--json'];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const { counts, findings } = JSON.parse(stdout);
  expect(findings).toEqual([]);
  for (const way of ['refitted', 'numbersChanged', 'metadataChanged', 'headerChanged', 'bytesEdited']) {
    expect(counts[way].refused).toBeGreaterThan(COUNT / 50);
    expect(counts[way].works).toBeGreaterThan(COUNT / 100);
  }
});
