import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { train } from '../../src/train/train.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';

const rows = toyRows(24);
/** Labels that texts do not tell: what is learnt of the rows makes this worse and worse. */
const validation = toyRows(20, { seed: 4 }).map(({ text }, i) => ({
  text,
  label: ['negative', 'positive'][i % 3 ? 0 : 1],
}));
const options: TrainOptions = {
  epochs: 12,
  batchSize: 8,
  optimizer: adam({ learningRate: 0.01 }),
  validation,
};

/** Makes higher better. */
const SIGN = { loss: -1, accuracy: 1 } as const;

describe.each(['loss', 'accuracy'] as const)('early stopping on %s', (metric) => {
  test('stops when patience is over and restores the best epoch', async () => {
    const model = await smallModel();
    const epochs = await trainOn(model, rows, { ...options, earlyStopping: { patience: 3, metric } });
    const values = epochs.map(({ validation }) => SIGN[metric] * validation![metric]);
    const best = values.indexOf(Math.max(...values));
    expect(epochs.length).toBe(best + 4);
    expect(epochs.length).toBeLessThan(12);

    const exact = await smallModel();
    await trainOn(exact, rows, { ...options, epochs: best + 1 });
    expect(save(model)).toEqual(save(exact));
    expect(model.facts).toMatchObject({ epochs: best + 1, validation: { rows: 20 } });
    expect((await evaluate(model, validation))[metric]).toBe(epochs[best].validation![metric]);
  });
});

test('while it may still get better, the model is that of the last epoch', async () => {
  const model = await smallModel();
  const exact = await smallModel();
  const stopping = { ...options, earlyStopping: { patience: 3 } };
  for await (const { index } of train(model, rows, stopping)) if (index === 1) break;
  await trainOn(exact, rows, { ...options, epochs: 2 });
  expect(save(model)).toEqual(save(exact));
});

test('all epochs done restores the best, too', async () => {
  const model = await smallModel();
  const short = { ...options, epochs: 3 };
  const epochs = await trainOn(model, rows, { ...short, earlyStopping: { patience: 100 } });
  const losses = epochs.map(({ validation }) => validation!.loss);
  const best = losses.indexOf(Math.min(...losses));
  const exact = await smallModel();
  await trainOn(exact, rows, { ...short, epochs: best + 1 });
  expect(save(model)).toEqual(save(exact));
});
