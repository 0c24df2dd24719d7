import { describe, expect, test } from 'vitest';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { call, constant, type Layer } from '../../src/layers/layer.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { train } from '../../src/train/train.ts';
import { toyRows } from '../support/models.ts';

const MOMENTUM = 0.25;

/** Changes nothing; its statistics are 3 of the rows and 5 of the texts in every batch, beside a weight without gradient. */
const watch: Layer = {
  kind: 'watch',
  options: {},
  output: (shape) => shape,
  parameters: () => [
    { name: 'rows', shape: [5], initial: [constant(5, 0)], statistic: { momentum: MOMENTUM } },
    { name: 'still', shape: [3], initial: [constant(3, 7)] },
    { name: 'texts', shape: [3], initial: [constant(3, 1)], statistic: { momentum: 1 } },
  ],
  plan(context, input) {
    const fill = (name: string, size: number, dimension: 'shareN' | 'shareB', times: number) => {
      const value = { dimension, times };
      return call('fillUniform', context.parameter(name).gradient!, size, value, value, 0, 0);
    };
    if (context.mode === 'train')
      context.backward(fill('rows', 5, 'shareN', 3), fill('texts', 3, 'shareB', 5));
    return input;
  },
};

describe.each([1, 2, 3])('a running statistic, by %d threads', (threads) => {
  const trained = async (options = {}) => {
    const layers = [embedding({ size: 4 }), watch, pool(), dense({ units: 1 })];
    const model = await createModel({ labels: ['negative', 'positive'], layers, tokenizer: { buckets: 9 } });
    const training = train(model, toyRows(40), { epochs: 2, batchSize: 8, threads, ...options });
    for await (const _ of training);
    const at = model.vocabulary.tableRows * 4;
    return { training, statistics: model.weights.subarray(at, at + 11) };
  };

  test('follows the whole batch by its momentum, and the optimiser leaves it alone', async () => {
    const { statistics, training } = await trained({ optimizer: adam({ learningRate: 0.1 }) });
    const followed = 3 * (1 - (1 - MOMENTUM) ** training.model.facts.steps);
    expect(training.model.facts.steps).toBe(10);
    for (const value of statistics.subarray(0, 5)) expect(value).toBeCloseTo(followed, 5);
    expect([...statistics.subarray(5, 8)]).toEqual([7, 7, 7]);
    for (const value of statistics.subarray(8)) expect(value).toBeCloseTo(5, 5);
  });

  test('is no part of the norm that gradients are clipped to', async () => {
    // Its own would be √(5·3² + 3·5²) = 11.
    const clipped = await trained({ clipNorm: 5 });
    expect(clipped.training.model.weights).toEqual((await trained()).training.model.weights);
  });
});
