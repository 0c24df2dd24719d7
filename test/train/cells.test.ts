import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { gru } from '../../src/layers/gru.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { penalty } from '../../src/layers/penalty.ts';
import { pool } from '../../src/layers/pool.ts';
import { rnn } from '../../src/layers/rnn.ts';
import { createModel } from '../../src/model/create.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { LABELS, smallModel, toyRows, trainOn } from '../support/models.ts';

const quick = { epochs: 12, batchSize: 8, optimizer: adam({ learningRate: 0.02 }) };
const rows = toyRows(60);

test.each(['gru', 'rnn', 'minGru', 'minLstm'] as const)('a classifier with cell %s learns', async (cell) => {
  const model = await smallModel({ cell, lstm: 8, pool: 'max' });
  await trainOn(model, rows, quick);
  expect((await evaluate(model, toyRows(40, { seed: 2 }))).accuracy).toBeGreaterThan(0.95);
  const texts = toyRows(7, { seed: 3 }).map(({ text }) => text);
  expect(predictAll(model, texts)).toEqual(texts.map((text) => predict(model, text)));
});

describe('with every dropout there is', () => {
  const dropouts = { recurrentDropout: 0.1, weightDrop: 0.1, zoneout: 0.05, candidateDropout: 0.1 };
  const { candidateDropout: _, ...plain } = dropouts;
  const modelOf = () =>
    createModel({
      labels: LABELS.slice(0, 2),
      maxLength: 12,
      tokenizer: { buckets: 40 },
      layers: [
        embedding({ size: 8, dropout: 0.05 }),
        dropout({ rate: 0.1, per: 'text' }),
        lstm({
          size: 8,
          bidirectional: true,
          projection: 5,
          peepholes: true,
          ...dropouts,
          zoneoutCell: 0.05,
        }),
        gru({ size: 8, bidirectional: true, ...dropouts }),
        rnn({ size: 8, ...plain }),
        penalty({ activation: 0.01, change: 0.01 }),
        pool({ over: 'max' }),
        dense({ units: 1 }),
      ],
    });

  test('a model learns', async () => {
    const model = await modelOf();
    await trainOn(model, rows, { ...quick, epochs: 16 });
    expect((await evaluate(model, toyRows(40, { seed: 2 }))).accuracy).toBeGreaterThan(0.9);
  });

  test.each([1, 2])('%d threads give the same bits again', async (threads) => {
    const trained = async () => {
      const model = await modelOf();
      await trainOn(model, rows, { ...quick, epochs: 2, threads });
      return save(model);
    };
    expect(await trained()).toEqual(await trained());
  });

  const loss = async (layers: Layer[], seed: number, epochs: number) => {
    const behind = [pool(), dense({ units: 1 })];
    const model = await createModel({
      labels: LABELS.slice(0, 2),
      seed,
      layers: [embedding(), ...layers, ...behind],
    });
    return (await trainOn(model, rows, { epochs, batchSize: 60 })).at(-1)!.loss;
  };

  test.each<[string, Layer, Layer]>([
    ['lstm weightDrop', lstm(), lstm({ weightDrop: 0.5 })],
    ['lstm recurrentDropout', lstm(), lstm({ recurrentDropout: 0.5 })],
    ['lstm candidateDropout', lstm(), lstm({ candidateDropout: 0.5 })],
    ['lstm zoneout', lstm(), lstm({ zoneout: 0.5 })],
    ['lstm norm layer', lstm(), lstm({ norm: 'layer' })],
    ['lstm norm input', lstm(), lstm({ norm: 'input' })],
    ['lstm norm batch', lstm({ norm: 'input' }), lstm({ norm: 'batch' })],
    ['lstm normSteps', lstm({ norm: 'batch' }), lstm({ norm: 'batch', normSteps: 1 })],
    ['lstm zoneoutCell', lstm(), lstm({ zoneoutCell: 0.5 })],
    ['gru weightDrop', gru(), gru({ weightDrop: 0.5 })],
    ['rnn recurrentDropout', rnn(), rnn({ recurrentDropout: 0.5 })],
  ])('%s acts in training', async (_, without, with_) => {
    expect(await loss([with_], 1, 1)).not.toBe(await loss([without], 1, 1));
  });

  test('penalty acts from the second step on', async () => {
    const given = [await loss([lstm()], 1, 2), await loss([lstm(), penalty({ activation: 100 })], 1, 2)];
    expect(given[1]).not.toBe(given[0]);
    expect(await loss([lstm(), penalty()], 1, 1)).toBe(await loss([lstm()], 1, 1));
  });
});
