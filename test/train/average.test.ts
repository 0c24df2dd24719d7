import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { UsageError } from '../../src/runtime/errors.ts';
import type { Average } from '../../src/train/average.ts';
import { exponentialAverage } from '../../src/train/averages/exponential.ts';
import { nonMonotoneAverage } from '../../src/train/averages/non-monotone.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { scheduleFreeAdamW } from '../../src/train/optimizers/schedule-free.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { train } from '../../src/train/train.ts';
import { relativeError, testNumbers } from '../support/arena.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';
import { updating } from '../support/updates.ts';

const rows = toyRows(60);
const optimizer = adam({ learningRate: 0.02 });
const tolerance = 5e-7; // of the largest parameter after 24 steps, measured 1.5e-7

/** Trains, and keeps the parameters that training goes on from, after each step. */
async function trained(options: TrainOptions, more: Parameters<typeof smallModel>[0] = {}) {
  const model = await smallModel(more);
  const steps: Float32Array[] = [];
  const onStep = () => void steps.push(training.state().learnt.weights);
  const training = train(model, rows, { epochs: 3, batchSize: 8, optimizer, ...options, onStep });
  for await (const _ of training);
  return { model, training, steps, last: steps[steps.length - 1] };
}

/** Σ decay^(t−i)·p_i / Σ decay^(t−i) of each parameter. */
function debiased(steps: readonly Float32Array[], decay: number): number[] {
  const shares = steps.map((_, i) => decay ** (steps.length - 1 - i));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return Array.from(steps[0], (_, k) => steps.reduce((sum, p, i) => sum + (shares[i] / total) * p[k], 0));
}

describe('the exponential average', () => {
  test.each([0, 0.5, 0.9, 0.999])('is what the model is given, of every row: decay %d', async (decay) => {
    const { model, steps } = await trained({ average: exponentialAverage({ decay }) });
    expect(steps).toHaveLength(24);
    expect(relativeError(model.weights, debiased(steps, decay))).toBeLessThan(tolerance);
  });

  test('does not touch what training goes on from', async () => {
    const { last, model } = await trained({ average: exponentialAverage() });
    const { last: without } = await trained({});
    expect(last).toEqual(without);
    expect(model.weights).not.toEqual(last);
  });

  test('gives running statistics and resting layers as they are', async () => {
    const layerRates = [0, 1, 1, 1, 1];
    const average = exponentialAverage({ decay: 0.9 });
    const { model, steps, last } = await trained({ average, layerRates }, { batchNorm: true });
    const averaged = debiased(steps, 0.9);
    const table = model.vocabulary.tableRows * 6;
    expect(model.weights.subarray(0, table)).toEqual(last.subarray(0, table));
    const [C, units] = [10, 1];
    const end = last.length - C * units - units;
    const statistics = [end - 2 * C, end] as const;
    expect(model.weights.subarray(...statistics)).toEqual(last.subarray(...statistics));
    expect(last.subarray(...statistics)).not.toEqual(steps[0].subarray(...statistics));
    const others = [averaged, model.weights].map((all) => [
      ...all.slice(table, end - 2 * C),
      ...all.slice(end),
    ]);
    expect(relativeError(others[1], others[0])).toBeLessThan(tolerance);
  });

  test('by two threads is the same again', async () => {
    const bytes = async () =>
      save((await trained({ average: exponentialAverage(), threads: 2 }, { dropout: 0.3 })).model);
    expect(await bytes()).toEqual(await bytes());
  });

  test('is what validation judges and early stopping keeps', async () => {
    const held = toyRows(20, { seed: 5 });
    const model = await smallModel();
    const options = {
      epochs: 6,
      optimizer: adam({ learningRate: 0.1 }),
      validation: held,
      reproducible: true,
    };
    const earlyStopping = { patience: 2 };
    const epochs = await trainOn(model, rows, { ...options, average: exponentialAverage(), earlyStopping });
    const least = Math.min(...epochs.map(({ validation }) => validation!.loss));
    expect((await evaluate(model, held)).loss).toBeCloseTo(least, 6);
  });
});

describe('the mean since training stopped to gain', () => {
  const share = (losses: number[], patience: number, taken = 3) =>
    nonMonotoneAverage({ patience }).share(taken, { step: 9, epoch: 1, epochs: 9, losses });

  test.each([
    [[], 0, 1],
    [[3], 0, 1],
    [[3, 2, 1], 0, 1],
    [[3, 2, 2.5], 0, 1 / 4],
    [[3, 2, 2.5], 1, 1],
    [[3, 2, 2.5, 2.4], 1, 1 / 4],
    [[3, 2, 2.5, 1.9], 1, 1],
    [[1, 2], 5, 1],
    [[1, 2, 2, 2, 2, 2, 2], 5, 1 / 4],
    [[3, 2, 2.5, 1, 0.5], 0, 1 / 4], // once begun, it goes on
  ])('begins behind losses %j with patience %d: share %d', (losses, patience, expected) => {
    expect(share(losses, patience)).toBe(expected);
  });

  test('till then the model is given the parameters', async () => {
    const average = nonMonotoneAverage({ patience: 9 });
    const { model, last } = await trained({ average, validation: 0.2, optimizer: sgd() });
    expect(model.weights).toEqual(last);
  });

  test('then it is their mean, from the end of that epoch on', async () => {
    const options = { epochs: 6, optimizer: sgd({ learningRate: 3 }), validation: 0.2 };
    const { model, training, steps } = await trained({
      ...options,
      average: nonMonotoneAverage({ patience: 0 }),
    });
    const taken = training.state().taken!;
    const perEpoch = steps.length / 6;
    expect(taken).toBeGreaterThan(perEpoch);
    expect(taken % perEpoch).toBe(1); // the last of an epoch, and whole epochs
    expect(relativeError(model.weights, debiased(steps.slice(-taken), 1))).toBeLessThan(tolerance);
  });

  test('needs rows to validate on', async () => {
    const model = await smallModel();
    const wrong = () => train(model, rows, { average: nonMonotoneAverage() });
    expect(wrong).toThrow(UsageError);
    expect(wrong).toThrow('this average needs rows to validate on');
  });
});

test.each([
  ['sgd and an average', sgd(), exponentialAverage()],
  ['schedule-free AdamW', scheduleFreeAdamW(), undefined],
])('a step taken back takes its share of what is given back: %s', (_, optimizer, average) => {
  const update = updating(optimizer, [{ shape: [3, 5] }, { shape: [4, 3], sparse: true }], average);
  const numbers = testNumbers(1);
  const step = () => update.step([numbers.floats(15), numbers.floats(12)], [1, 3]);
  const all = () => [...update.values, update.given(0), update.given(1)].map((values) => values.slice());
  step();
  const before = all();
  step();
  expect(all()).not.toEqual(before);
  update.undo();
  expect(all()).toEqual(before);
});

test('a training that diverges leaves the average of what was good', async () => {
  const model = await smallModel();
  const average = exponentialAverage();
  const options = { optimizer: sgd({ learningRate: 1e30 }), average };
  await expect(trainOn(model, rows, options)).rejects.toThrow(/no longer a number/);
  expect(model.weights.every(Number.isFinite)).toBe(true);
});

test.each([[{}], ['exponential'], [0.99]])('an average cannot be %j', async (average) => {
  const model = await smallModel();
  const wrong = () => train(model, rows, { average: average as unknown as Average });
  expect(wrong).toThrow(/^average: expected exponentialAverage\(\) or another average, got /);
});
