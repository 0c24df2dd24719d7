import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { gru } from '../../src/layers/gru.ts';
import type { Initializer } from '../../src/layers/initializers.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { minGru } from '../../src/layers/min-gru.ts';
import { minLstm } from '../../src/layers/min-lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { rnn } from '../../src/layers/rnn.ts';
import { createModel } from '../../src/model/create.ts';
import { networkOf } from '../../src/model/network.ts';
import { planNetwork } from '../../src/model/network-plan.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { LABELS, toyRows, trainOn } from '../support/models.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../build/gatelet.wasm', import.meta.url)));
const E = 48;

/** The parameters that a layer behind words of E features begins with, by name. */
function beginning(layer: Layer): Record<string, Float32Array> {
  const spec = {
    layers: [embedding({ size: E }), layer],
    tableRows: 3,
    maxBag: 1,
    seed: 1,
    weights: 'f32',
  } as const;
  const limits = { maxSequences: 1, maxRows: 1 };
  const network = networkOf(
    module,
    planNetwork(module, spec, 'train', limits, () => undefined),
  );
  network.initialise(1);
  return Object.fromEntries(
    network.parameters.map(({ name, value }) => [name, network.machine.floats(value).slice()]),
  );
}

const H = 40;
const [glorot, he] = [2 / (E + H), 2 / E];

describe.each<[Initializer, number, boolean]>([
  ['glorotUniform', glorot, true],
  ['glorotNormal', glorot, false],
  ['heUniform', he, true],
  ['heNormal', he, false],
])('%s', (initializer, variance, isUniform) => {
  test.each([
    ['lstm', lstm({ size: H, initializer }), 'forward.weightIH'],
    ['gru', gru({ size: H, initializer }), 'forward.weightIH'],
    ['rnn', rnn({ size: H, initializer }), 'forward.weightIH'],
    ['minGru', minGru({ size: H, initializer }), 'forward.weightIH'],
    ['minLstm', minLstm({ size: H, initializer }), 'forward.weightIH'],
    ['dense', dense({ units: H, initializer }), 'weight'],
  ])('%s has its variance and shape', (_, layer, name) => {
    const weights = [...beginning(layer)[name]];
    const mean = (power: number) => weights.reduce((sum, x) => sum + x ** power, 0) / weights.length;
    const kurtosis = isUniform ? 9 / 5 : 3;
    const error = (spread: number) => 4 * Math.sqrt(spread / weights.length);
    expect(Math.abs(mean(1))).toBeLessThan(error(variance));
    expect(Math.abs(mean(2) / variance - 1)).toBeLessThan(error(kurtosis - 1));
    expect(Math.abs(mean(4) / variance ** 2 - kurtosis)).toBeLessThan(isUniform ? error(3) : error(96));
  });
});

test.each([
  ['lstm', 4, lstm({ size: H, recurrentInitializer: 'orthogonal' })],
  ['lstm with peepholes', 4, lstm({ size: H, recurrentInitializer: 'orthogonal', peepholes: true })],
  ['gru', 3, gru({ size: H, recurrentInitializer: 'orthogonal' })],
  ['rnn', 1, rnn({ size: H, recurrentInitializer: 'orthogonal' })],
])(
  'orthogonal recurrence of %s: each of its %i gates by itself; nothing else changes',
  (kind, gates, layer) => {
    const { 'forward.weightHH': weightHH, ...others } = beginning(layer);
    for (let gate = 0; gate < gates; gate++) {
      const row = (i: number) => weightHH.subarray((gate * H + i) * H, (gate * H + i + 1) * H);
      for (let i = 0; i < H; i++) {
        for (let j = 0; j <= i; j++) {
          const product = row(i).reduce((sum, x, k) => sum + x * row(j)[k], 0);
          expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-6);
        }
      }
    }
    if (gates > 1) expect(weightHH.subarray(0, H * H)).not.toEqual(weightHH.subarray(H * H, 2 * H * H));
    const plain = { lstm: lstm({ size: H }), gru: gru({ size: H }), rnn: rnn({ size: H }) };
    const { 'forward.weightHH': _, ...before } = beginning(plain[kind.split(' ')[0] as keyof typeof plain]);
    expect(others).toMatchObject(before);
    if (kind === 'lstm') expect([...others['forward.bias'].subarray(H, 2 * H)]).toEqual(new Array(H).fill(1));
  },
);

test('a model that begins otherwise learns', async () => {
  const layers = [
    embedding({ size: 8 }),
    lstm({ size: 8, initializer: 'orthogonal', recurrentInitializer: 'orthogonal' }),
    pool({ over: 'max' }),
    dense({ units: 6, activation: 'relu', initializer: 'heNormal' }),
    dense({ units: 1 }),
  ];
  const model = await createModel({ labels: LABELS.slice(0, 2), layers, tokenizer: { buckets: 40 } });
  await trainOn(model, toyRows(60), { epochs: 15, batchSize: 8, optimizer: adam({ learningRate: 0.02 }) });
  expect((await evaluate(model, toyRows(40, { seed: 2 }))).accuracy).toBeGreaterThan(0.9);
});

test.each([
  ['both directions', lstm({ size: H, bidirectional: true, forgetBias: 3 }), ['forward', 'reverse']],
  ['peepholes', lstm({ size: H, peepholes: true, forgetBias: 3 }), ['forward']],
  ['norm batch', lstm({ size: H, norm: 'batch', forgetBias: 3 }), ['forward']],
])('the forget gate begins at forgetBias, the others at 0: %s', (_, layer, directions) => {
  const parameters = beginning(layer);
  for (const direction of directions) {
    const bias = parameters[`${direction}.bias`];
    expect([...bias]).toEqual(Array.from({ length: 4 * H }, (_, i) => (i >= H && i < 2 * H ? 3 : 0)));
  }
});
