import { describe, expect, test } from 'vitest';
import { predict } from '../../src/model/predict.ts';
import { classWeightsOf } from '../../src/train/class-weights.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { LABELS, smallModel, trainOn } from '../support/models.ts';

const rowsOf = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([label, count]) =>
    Array.from({ length: count }, (_, i) => ({ text: `${label} ${i}`, label })),
  );

describe('balanced', () => {
  test('gives each label as much weight as any other', async () => {
    const labels = ['a', 'b', 'c'];
    const { config } = await smallModel({ labels });
    const weights = classWeightsOf(config, rowsOf({ a: 10, b: 5, c: 45 }), 'balanced');
    expect(weights).toEqual([2, 4, 60 / 135]);
    expect(10 * weights[0]).toBeCloseTo(45 * weights[2], 12);
  });

  test('a label of no row counts one', async () => {
    const { config } = await smallModel({ labels: ['a', 'b', 'c'] });
    expect(classWeightsOf(config, rowsOf({ a: 6, b: 2 }), 'balanced')).toEqual([8 / 18, 8 / 6, 1]);
  });

  test('in a multi-label model weighs bearing a label against not bearing it', async () => {
    const { config } = await smallModel({ labels: ['a', 'b'], multiLabel: true });
    const rows = [['a'], ['a', 'b'], ['a'], []].map((label) => ({ text: 'x', label }));
    expect(classWeightsOf(config, rows, 'balanced')).toEqual([1 / 3, 3]);
  });
});

test('labels that are not named count one, whatever they are called', async () => {
  const { config } = await smallModel({ labels: ['constructor', '__proto__', 'a'] });
  expect(classWeightsOf(config, [], { a: 2.5 })).toEqual([1, 1, 2.5]);
  expect(classWeightsOf(config, [], { ['__proto__']: 3 })).toEqual([1, 3, 1]);
});

test('decide what is said of a text that tells nothing', async () => {
  const rows = Array.from({ length: 36 }, (_, i) => ({ text: 'film', label: LABELS[i % 6 ? 0 : 1] }));
  const said = async (options: TrainOptions) => {
    const model = await smallModel();
    const optimizer = adam({ learningRate: 0.02 });
    await trainOn(model, rows, { epochs: 80, batchSize: 36, optimizer, ...options });
    return predict(model, 'film').probabilities.positive;
  };
  expect(await said({})).toBeCloseTo(1 / 6, 2);
  expect(await said({ classWeights: 'balanced' })).toBeCloseTo(1 / 2, 2);
  expect(await said({ classWeights: { positive: 10 } })).toBeCloseTo(2 / 3, 2);
  expect(await said({ labelSmoothing: 0.3 })).toBeCloseTo(0.7 / 6 + 0.15, 2);
});
