import { describe, expect, test } from 'vitest';
import { adversarial } from '../../src/layers/adversarial.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import { LABELS, toyRows, trainOn } from '../support/models.ts';

const rows = toyRows(24);
const modelOf = (layers: Layer[]) =>
  createModel({
    labels: LABELS.slice(0, 2),
    layers: [embedding({ size: 6 }), ...layers, dense({ units: 1 })],
  });
const behind = [lstm({ size: 5 }), pool({ over: 'mean' })];

/** The parameters after one step of plain gradient descent, less those before it. */
async function move(layers: Layer[], learningRate: number) {
  const model = await modelOf(layers);
  const [{ loss }] = await trainOn(model, rows, {
    epochs: 1,
    batchSize: 24,
    optimizer: sgd({ learningRate }),
  });
  return { loss, weights: model.weights.slice() };
}

describe('adversarial()', () => {
  test('moves the parameters by both passes: twice the gradient where texts hardly move', async () => {
    const once = await move(behind, 0.2);
    const twice = await move([adversarial({ epsilon: 1e-6 }), ...behind], 0.1);
    const largest = Math.max(...once.weights.map((value, k) => Math.abs(value - twice.weights[k])));
    expect(largest).toBeLessThan(1e-6);
  });

  test('the texts it moves cost more, and further ones yet more', async () => {
    const losses = [(await move(behind, 0.1)).loss];
    for (const epsilon of [0.05, 0.2]) {
      losses.push((await move([adversarial({ epsilon }), ...behind], 0.1)).loss);
    }
    expect(losses[1]).toBeGreaterThan(losses[0]);
    expect(losses[2]).toBeGreaterThan(losses[1]);
  });

  test.each([1, 2])('learns, with %d threads', async (threads) => {
    const model = await modelOf([adversarial(), lstm({ size: 8 }), pool({ over: 'max' })]);
    const optimizer = adam({ learningRate: 0.02 });
    await trainOn(model, toyRows(60), { epochs: 20, batchSize: 8, optimizer, threads });
    expect((await evaluate(model, toyRows(40, { seed: 2 }))).accuracy).toBeGreaterThan(0.9);
  });

  test.each<[string, Layer[], RegExp]>([
    ['twice', [adversarial(), adversarial(), ...behind], /expected the words of embedding\(\)|but once/],
    ['behind an LSTM', [lstm(), adversarial(), pool()], /expected the words of embedding\(\)/],
    ['with batchNorm', [adversarial(), batchNorm(), ...behind], /cannot stand in a model with batch normal/],
  ])('cannot stand %s', async (_, layers, message) => {
    const model = await modelOf(layers);
    await expect(trainOn(model, rows, { epochs: 1 })).rejects.toThrow(message);
  });
});
