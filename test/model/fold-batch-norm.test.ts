import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { compare } from '../../src/model/compare.ts';
import { createModel } from '../../src/model/create.ts';
import { foldBatchNorm } from '../../src/model/fold-batch-norm.ts';
import { predict } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';

const texts = toyRows(60, { seed: 5 }).map(({ text }) => text);

async function trained(layers: readonly Layer[]) {
  const model = await createModel({ labels: ['negative', 'positive'], maxLength: 12, layers });
  await trainOn(model, toyRows(40), { epochs: 4, batchSize: 8 });
  return model;
}

describe.each<[string, Layer[]]>([
  ['behind', [embedding({ size: 6 }), pool({ over: 'mean' }), batchNorm(), dropout(), dense({ units: 1 })]],
  [
    'before',
    [
      embedding({ size: 6 }),
      dense({ units: 5 }),
      batchNorm(),
      lstm({ size: 4 }),
      pool(),
      dense({ units: 1 }),
    ],
  ],
  [
    'on either side',
    [
      embedding({ size: 6 }),
      batchNorm(),
      dense({ units: 5, activation: 'tanh' }),
      pool({ over: 'max' }),
      dense({ units: 4 }),
      batchNorm({ epsilon: 0.01 }),
      dropout(),
      dense({ units: 1 }),
    ],
  ],
  [
    'inside a pair that shares its statistics',
    [
      embedding({ size: 6 }),
      pool({ over: 'mean' }),
      batchNorm(),
      dense({ units: 5, activation: 'tanh' }),
      dense({ units: 6 }),
      batchNormInverse(),
      dense({ units: 1 }),
    ],
  ],
])('dense %s', (_, layers) => {
  test('the folded model says the same without its normalisation', async () => {
    const model = await trained(layers);
    const before = save(model);
    const folded = foldBatchNorm(model);
    expect(folded.config.layers.filter(({ kind }) => kind.startsWith('batchNorm'))).toEqual([]);
    const { equal, largestDifference } = compare(model, folded, texts);
    expect(equal).toBe(1);
    expect(largestDifference).toBeLessThan(1e-6); // measured 1.8e-7
    const again = await load(save(folded));
    expect(predict(again, texts[0])).toEqual(predict(folded, texts[0]));
    expect(compare(folded, quantize(folded), texts).largestDifference).toBeLessThan(0.05);
    expect(save(model)).toEqual(before);
  });
});

test('the preset folds', async () => {
  const model = await trainedModel({ batchNorm: true, dropout: 0.2, attentionHeads: 2 });
  expect(compare(model, foldBatchNorm(model), texts).largestDifference).toBeLessThan(1e-6);
});

test('what cannot be folded says so', async () => {
  const plain = await trainedModel();
  expect(() => foldBatchNorm(plain)).toThrow('this model has no batchNorm() to fold');
  const between = await trained([
    embedding({ size: 4 }),
    dense({ units: 4, activation: 'relu' }),
    batchNorm(),
    lstm({ size: 4 }),
    pool(),
    dense({ units: 1 }),
  ]);
  expect(() => foldBatchNorm(between)).toThrow(
    /^batchNorm\(\) cannot be folded: .* got dense\(\) and lstm\(\)/,
  );
  const small = quantize(await trainedModel({ batchNorm: true }));
  expect(() => foldBatchNorm(small)).toThrow('this model is quantised. Fold first, then quantize().');
  const untrained = await smallModel({ batchNorm: true });
  expect(() => foldBatchNorm(untrained)).toThrow(/has learnt nothing yet/);
});
