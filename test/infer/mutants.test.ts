import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { load as loadPredictor } from '../../src/infer/load.ts';
import { load } from '../../src/io/load.ts';
import { predictAll } from '../../src/model/predict.ts';
import type { Prediction } from '../../src/model/prediction.ts';
import { DataError } from '../../src/runtime/errors.ts';
import { mutantOf } from '../fuzz/mutants.ts';
import { makeSeeds } from '../fuzz/seeds.ts';
import { UNTRUSTED } from '../support/texts.ts';

/** Plain SIMD, which is all that gatelet/infer has. */
const module = new WebAssembly.Module(readFileSync('build/gatelet.wasm'));
const TEXTS = ['a lovely film, unheard of', ''];
const COUNT = 1500;

/** What is said of texts; the reason where a file is refused, which is a DataError and short. */
async function answers(say: () => Promise<Prediction[]>): Promise<Prediction[] | string> {
  try {
    return await say();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
    return error.message;
  }
}

test(`${COUNT} mutants of model files are refused with a reason, or answer as they do in the whole package`, async () => {
  const read = /^a (classifier|stream|checkpoint)/;
  const seeds = (await makeSeeds()).filter(({ name }) => read.test(name));
  expect(seeds).toHaveLength(5);
  const counts = { refused: 0, works: 0, stricter: 0 };
  for (let number = 0; number < COUNT; number++) {
    const { bytes, way } = mutantOf(seeds, number);
    const texts = [...TEXTS, UNTRUSTED[number % UNTRUSTED.length]];
    const said = await answers(async () => (await loadPredictor(bytes)).predictAll(texts));
    counts[typeof said === 'string' ? 'refused' : 'works']++;
    const whole = await answers(async () => predictAll(await load(bytes, { module }), texts));
    // What the whole package refuses may be in what gatelet/infer does not look at, and where an option is missing, which
    // save() never leaves out, there are no defaults.
    if (typeof whole === 'string') continue;
    if (typeof said === 'string') counts.stricter++;
    else expect([way, said]).toEqual([way, whole]);
  }
  expect(counts.refused).toBeGreaterThan(COUNT / 5);
  expect(counts.works).toBeGreaterThan(COUNT / 5);
  expect(counts.stricter).toBeLessThan(COUNT / 20);
  console.log(counts);
});
