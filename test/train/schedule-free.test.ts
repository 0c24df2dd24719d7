import { expect, test } from 'vitest';
import { exponentialAverage } from '../../src/train/averages/exponential.ts';
import { scheduleFreeAdamW } from '../../src/train/optimizers/schedule-free.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { train } from '../../src/train/train.ts';
import { smallModel, toyRows } from '../support/models.ts';
import { updating } from '../support/updates.ts';

const rows = toyRows(60);
const optimizer = scheduleFreeAdamW({ learningRate: 0.02 });

test('gives the model a mean, and a layer at rest as it is', async () => {
  const model = await smallModel();
  const training = train(model, rows, { epochs: 2, optimizer, layerRates: [0, 1, 1, 1] });
  for await (const _ of training);
  const { weights } = training.state().learnt;
  const table = model.vocabulary.tableRows * 6;
  expect(model.weights.subarray(0, table)).toEqual(weights.subarray(0, table));
  for (const [k, value] of model.weights.subarray(table).entries())
    expect(value).not.toBe(weights[table + k]);
});

test('a row that rested begins as one that was there from the start', () => {
  const gradients = [1, -2, 0.5].map((g) => [g, 2 * g]);
  const [early, late] = [0, 1].map(() => updating(optimizer, [{ shape: [3, 2], sparse: true }]));
  for (const [first, second] of gradients) early.step([[first, second, 0, 0, 0, 0]], [0]);
  for (let step = 0; step < 7; step++) late.step([[0, 0, 0, 0, 3, 1]], [2]);
  for (const [first, second] of gradients) late.step([[first, second, 0, 0, 0, 0]], [0]);
  expect(late.values[0].subarray(0, 2)).toEqual(early.values[0].subarray(0, 2));
  expect(late.given(0).subarray(0, 2)).toEqual(early.given(0).subarray(0, 2));
  expect([...late.given(0).subarray(2, 4)]).toEqual([0, 0]);
});

test('leaves nothing for another average to do', async () => {
  const model = await smallModel();
  const options: TrainOptions = { optimizer, average: exponentialAverage() };
  expect(() => train(model, rows, options)).toThrow(
    /^the option "average" cannot act with scheduleFreeAdamW\(\). It gives the model an average of its own/,
  );
});
