import { expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { predict } from '../../src/model/predict.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { LABELS, smallModel, toyRows, trainOn } from '../support/models.ts';

const rows = toyRows(60);
const optimizer = adam({ learningRate: 0.02 });
const trained = async (options: TrainOptions, more: Parameters<typeof smallModel>[0] = {}) => {
  const model = await smallModel(more);
  const epochs = await trainOn(model, rows, { epochs: 3, batchSize: 8, optimizer, ...options });
  return { model, epochs };
};

test.each([1, 2])('learns, with %d threads, and less surely', async (threads) => {
  const [plain, mixed] = await Promise.all(
    [0, 1].map((mixup) => trained({ mixup, threads, epochs: 25, optimizer: adam({ learningRate: 0.01 }) })),
  );
  const other = toyRows(40, { seed: 2 });
  expect((await evaluate(mixed.model, other)).accuracy).toBeGreaterThan(0.9);
  // What training reports is of mixtures, which nothing tells for sure.
  expect(mixed.epochs[24].loss).toBeGreaterThan(2 * plain.epochs[24].loss);
  const sureness = ({ model }: typeof mixed) =>
    other.reduce((sum, { text }) => sum + Math.abs(predict(model, text).probability - 0.5), 0);
  expect(sureness(mixed)).toBeLessThan(sureness(plain));
});

test.each([1, 2])('gives the same bits again, with %d threads', async (threads) => {
  const bytes = async () => save((await trained({ mixup: 0.4, threads }, { dropout: 0.3 })).model);
  expect(await bytes()).toEqual(await bytes());
  expect(await bytes()).not.toEqual(save((await trained({ threads }, { dropout: 0.3 })).model));
});

test('mixes any number of labels', async () => {
  const many = rows.map(({ text, label }) => ({ text, label: label === LABELS[1] ? [LABELS[1]] : [] }));
  const model = await smallModel({ multiLabel: true });
  const options = { mixup: 1, epochs: 20, batchSize: 8, optimizer, classWeights: 'balanced' } as const;
  await trainOn(model, many, options);
  expect((await evaluate(model, many)).accuracy).toBeGreaterThan(0.9);
});

test('a text that stands alone in its batch is as it is', async () => {
  const two = LABELS.slice(0, 2).map((label) => ({ text: 'a film of seven words in all', label }));
  const lossOf = async (mixup: number) => {
    const model = await smallModel();
    const [{ loss }] = await trainOn(model, two, { epochs: 1, batchTokens: 12, mixup });
    expect(model.facts.steps).toBe(2);
    return loss;
  };
  expect(await lossOf(1)).toBeCloseTo(await lossOf(0), 6);
});
