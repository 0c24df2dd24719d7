import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { attention } from '../../src/layers/attention.ts';
import { attentionPool } from '../../src/layers/attention-pool.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { layerNorm } from '../../src/layers/layer-norm.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { positions } from '../../src/layers/positions.ts';
import { transformer } from '../../src/layers/transformer.ts';
import { compare } from '../../src/model/compare.ts';
import { createModel } from '../../src/model/create.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { toyRows, trainOn } from '../support/models.ts';

const texts = [...toyRows(30, { seed: 3 }).map(({ text }) => text), '', 'never-seen wörds'];

const cases: [string, Layer[]][] = [
  [
    'a transformer of two blocks',
    [positions(), transformer({ heads: 2, dropout: 0.1 }), transformer({ heads: 4 }), pool()],
  ],
  [
    'learnt positions, a transformer on an LSTM',
    [
      positions({ kind: 'learned', longest: 12 }),
      lstm({ size: 6 }),
      transformer({ heads: 3, hidden: 5 }),
      pool({ over: 'max' }),
    ],
  ],
  [
    'an LSTM on a transformer',
    [transformer({ heads: 2 }), lstm({ size: 6 }), attention({ heads: 2, query: 'mean' })],
  ],
  [
    'a graph, an LSTM, additive pooling',
    [graphConvolution({ units: 6 }), lstm({ size: 5 }), attentionPool({ size: 4 })],
  ],
  [
    'general pooling, normalised',
    [lstm({ size: 5 }), layerNorm(), attentionPool({ score: 'general', query: 'last' }), batchNorm()],
  ],
  [
    'an LSTM between normalised and denormalised words',
    [batchNorm({ renorm: true }), lstm({ size: 8 }), pool(), batchNormInverse()],
  ],
  [
    'LSTMs with batch norms',
    [
      lstm({ size: 6, norm: 'input', bidirectional: true }),
      lstm({ size: 6, norm: 'batch', normSteps: 5 }),
      pool({ over: 'mean' }),
    ],
  ],
  [
    'an LSTM, heads that a learned query asks',
    [lstm({ size: 6 }), attention({ heads: 2, query: 'learned' })],
  ],
  ['an LSTM, heads that its last state asks', [lstm({ size: 6 }), attention({ heads: 3, query: 'last' })]],
  ['a layer-normalised LSTM', [lstm({ size: 6, bidirectional: true, norm: 'layer' }), pool()]],
  [
    'renormalised words and vectors',
    [batchNorm({ renorm: true }), pool({ over: 'mean' }), batchNorm({ renorm: true })],
  ],
];

const make = (between: readonly Layer[]) =>
  createModel({
    labels: ['negative', 'positive'],
    maxLength: 12,
    layers: [embedding({ size: 8 }), ...between, dense({ units: 1 })],
  });

describe.each(cases)('%s', (_, between) => {
  const trained = async (threads: number, epochs = 2) => {
    const model = await make(between);
    const optimizer = adam({ learningRate: 0.01 });
    const losses = await trainOn(model, toyRows(60), { epochs, batchSize: 8, threads, optimizer });
    return { model, losses: losses.map(({ loss }) => loss) };
  };

  test('learns', async () => {
    const { losses } = await trained(1, 15);
    expect(losses[14]).toBeLessThan(0.6 * losses[0]);
  });

  test('a text’s result depends on nothing beside it; the file says the same', async () => {
    const { model } = await trained(1);
    const alone = texts.map((text) => predict(model, text));
    expect(predictAll(model, texts)).toEqual(alone);
    const again = await load(save(model));
    expect(texts.map((text) => predict(again, text))).toEqual(alone);
    const small = quantize(model);
    expect(predictAll(small, texts)).toEqual(texts.map((text) => predict(small, text)));
    expect(compare(model, small, texts).largestDifference).toBeLessThan(0.03);
  });

  test('two threads give the same bits again', async () => {
    const [one, other] = [await trained(2), await trained(2)];
    expect(save(one.model)).toEqual(save(other.model));
  });
});
