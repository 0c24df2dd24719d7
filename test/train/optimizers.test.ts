import { describe, expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../src/io/checkpoint.ts';
import { save } from '../../src/io/save.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adafactor } from '../../src/train/optimizers/adafactor.ts';
import { lion } from '../../src/train/optimizers/lion.ts';
import { nadam } from '../../src/train/optimizers/nadam.ts';
import { scheduleFreeAdamW } from '../../src/train/optimizers/schedule-free.ts';
import { train } from '../../src/train/train.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';

const rows = toyRows(60);
const optimizers = [
  adafactor({ learningRate: 0.05 }),
  lion({ learningRate: 0.005 }),
  nadam({ learningRate: 0.01 }),
  scheduleFreeAdamW({ learningRate: 0.02 }),
].map((optimizer) => [optimizer.kind, optimizer] as const);

describe.each(optimizers)('%s', (_, optimizer) => {
  const trained = async (threads: number) => {
    const model = await smallModel();
    await trainOn(model, rows, { epochs: 15, batchSize: 8, optimizer, threads });
    return model;
  };

  test.each([1, 2])('learns, with %d threads, and gives the same bits again', async (threads) => {
    const model = await trained(threads);
    expect((await evaluate(model, toyRows(40, { seed: 2 }))).accuracy).toBeGreaterThan(0.95);
    expect(save(await trained(threads))).toEqual(save(model));
  });

  test('goes on from a checkpoint as if nothing had happened', async () => {
    const options = { epochs: 3, batchSize: 9, optimizer };
    const whole = await smallModel();
    await trainOn(whole, rows, options);
    const abort = new AbortController();
    let steps = 0;
    const onStep = () => ++steps === 10 && abort.abort();
    const training = train(await smallModel(), rows, { ...options, onStep, signal: abort.signal });
    for await (const _ of training);
    expect(steps).toBe(10);
    const { model, state } = await loadCheckpoint(saveCheckpoint(training));
    await trainOn(model, rows, { ...options, resume: state });
    expect(save(model)).toEqual(save(whole));
  });
});
