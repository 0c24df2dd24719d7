import { describe, expect, test } from 'vitest';
import { attention } from '../../src/layers/attention.ts';
import { attentionPool } from '../../src/layers/attention-pool.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { attentionWeights } from '../../src/model/attention-weights.ts';
import { createModel } from '../../src/model/create.ts';
import { predict } from '../../src/model/predict.ts';
import { UsageError } from '../../src/runtime/errors.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';

const sum = (weights: readonly { weight: number }[]) =>
  weights.reduce((total, { weight }) => total + weight, 0);

async function trained(...between: Layer[]) {
  const layers = [embedding({ size: 8 }), ...between, dense({ units: 1 })];
  const model = await createModel({ labels: ['negative', 'positive'], maxLength: 12, layers });
  await trainOn(model, toyRows(60), { epochs: 20, batchSize: 8, optimizer: adam({ learningRate: 0.02 }) });
  return model;
}

describe.each<[string, Layer]>([
  ['attentionPool', attentionPool()],
  ['attention for the mean', attention({ heads: 2, query: 'mean' })],
  ['attention for a learned query', attention({ heads: 2, query: 'learned' })],
  ['attention for the last state', attention({ heads: 2, query: 'last' })],
])('%s', (_, layer) => {
  test('gives each word its share', async () => {
    const model = await trained(layer);
    const weights = attentionWeights(model, 'The film was LOVELY, it and music');
    expect(weights.map(({ word }) => word)).toEqual([
      'the',
      'film',
      'was',
      'lovely',
      ',',
      'it',
      'and',
      'music',
    ]);
    expect(sum(weights)).toBeCloseTo(1, 5);
    expect(weights.every(({ weight }) => weight > 0)).toBe(true);
  });

  test('counts no more words than the model reads, and none of an empty text', async () => {
    const model = await trained(layer);
    const weights = attentionWeights(model, 'word '.repeat(50));
    expect(weights.length).toBe(12);
    expect(sum(weights)).toBeCloseTo(1, 5);
    expect(attentionWeights(model, ' ')).toEqual([]);
    expect(predict(model, 'a lovely film').label).toBe('positive');
  });
});

test('the word that tells the label weighs most', async () => {
  const weights = attentionWeights(await trained(attentionPool()), 'the plot was very dull and so');
  const [heaviest] = [...weights].sort((a, b) => b.weight - a.weight);
  expect(heaviest.word).toBe('dull');
  expect(heaviest.weight).toBeGreaterThan(0.3);
});

test('a model that weighs no words says so, an untrained one that it is', async () => {
  const plain = await trainedModel();
  expect(() => attentionWeights(plain, 'a')).toThrow(UsageError);
  expect(() => attentionWeights(plain, 'a')).toThrow(/^this model weighs no words: expected attention\(\)/);
  const untrained = await smallModel({ attentionHeads: 2 });
  expect(() => attentionWeights(untrained, 'a')).toThrow(/has learnt nothing yet/);
});
