import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention } from '../../src/layers/attention.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { gru } from '../../src/layers/gru.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { layerNorm } from '../../src/layers/layer-norm.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { type PoolOptions, pool } from '../../src/layers/pool.ts';
import { positions } from '../../src/layers/positions.ts';
import { rnn } from '../../src/layers/rnn.ts';
import { transformer } from '../../src/layers/transformer.ts';
import { modelConfig } from '../../src/model/config.ts';
import { Model } from '../../src/model/model.ts';
import { predict } from '../../src/model/predict.ts';
import { stream } from '../../src/model/stream.ts';
import { train } from '../../src/train/train.ts';

const text = `  A joy to watch, twice!  zxcvb 😀 ${'very '.repeat(200)}good 好看的电影`;
let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(new Uint8Array(readFileSync('build/gatelet.wasm')));
});

async function trained(
  over: NonNullable<PoolOptions['over']>,
  bidirectional = false,
  more: readonly Layer[] = [],
): Promise<Model> {
  const layers = [
    embedding({ size: 6 }),
    lstm({ size: 5 }),
    gru({ size: 4, zoneout: 0.1 }),
    lstm({ size: 4, norm: 'layer' }),
    lstm({ size: 4, norm: 'input' }),
    lstm({ size: 4, norm: 'batch', normSteps: 5 }),
    gru({ size: 3, reset: 'before' }),
    rnn({ size: 5 }),
    lstm({ size: 7, bidirectional }),
    ...more,
    pool({ over }),
    dense({ units: 1 }),
  ];
  const model = new Model(modelConfig({ labels: ['bad', 'good'], maxLength: 1000, layers }), {
    exact: module,
    fast: module,
  });
  const rows = ['good joy to watch', 'very bad', 'a good film', 'bad bad film'].map((text, i) => ({
    text,
    label: i % 2 ? 'bad' : 'good',
  }));
  for await (const _ of train(model, rows, { epochs: 3 }));
  return model;
}

describe('stream', () => {
  it.each(['last', 'mean', 'max'] as const)(
    'says what predict() says, bit for bit, pool %s',
    async (over) => {
      const model = await trained(over);
      const reader = stream(model);
      for (const size of [1, 7, 64, 5000]) {
        for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
        expect(reader.end()).toEqual(predict(model, text));
      }
    },
  );

  it('says at every word what predict() says of the words so far', async () => {
    const model = await trained('mean');
    const reader = stream(model);
    expect(reader.push(' \n')).toBeUndefined();
    expect(reader.push('a')).toBeUndefined();
    expect(reader.push(' jo')).toEqual(predict(model, 'a'));
    expect(reader.push('y to ')).toEqual(predict(model, 'a joy to'));
    expect(reader.push(' ')).toEqual(predict(model, 'a joy to'));
    expect(reader.end()).toEqual(predict(model, 'a joy to'));
    expect(reader.end()).toEqual(predict(model, ''));
    expect(reader.push('bad ')).toEqual(predict(model, 'bad'));
  });

  it('normalises what comes as predict() does', async () => {
    const model = await trained('mean', false, [batchNorm(), layerNorm(), batchNormInverse()]);
    const reader = stream(model);
    reader.push(text);
    expect(reader.end()).toEqual(predict(model, text));
  });

  it.each([
    ['attention', attention({ heads: 1 })],
    ['attention', transformer({ heads: 1 })],
    ['positions', positions()],
  ])('refuses %s, which knows of the whole text', async (name, layer) => {
    const model = await trained('mean', false, [layer]);
    expect(() => stream(model)).toThrow(`${name}() cannot stream`);
  });

  it('refuses an LSTM that reads from the end', async () => {
    const model = await trained('last', true);
    expect(() => stream(model)).toThrow('bidirectional lstm() cannot stream');
  });
});
