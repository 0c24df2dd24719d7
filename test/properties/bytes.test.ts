import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { stream } from '../../src/model/stream.ts';
import type { TextClassifierOptions } from '../../src/model/text-classifier.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { exponentialDecay } from '../../src/train/schedules/decay.ts';
import { train } from '../../src/train/train.ts';
import { smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';

const rows = toyRows(30);
const texts = toyRows(20, { seed: 9 }).map(({ text }) => text);

/** Everything random at work. */
const everything = {
  epochs: 3,
  batchSize: 7,
  validation: 0.2,
  wordDropout: 0.2,
  optimizer: adam({ learningRate: 0.01 }),
  schedule: exponentialDecay(),
  clipNorm: 0.5,
  classWeights: 'balanced',
  labelSmoothing: 0.1,
} as const;

async function bytesOf(options: Partial<TextClassifierOptions> = {}, of = rows): Promise<Uint8Array> {
  const model = await smallModel({ dropout: 0.3, ...options });
  await trainOn(model, of, everything);
  return save(model);
}

describe('the same seed and rows', () => {
  test('give the same file, byte for byte', async () => {
    expect(await bytesOf()).toEqual(await bytesOf());
  });

  test('another seed gives another', async () => {
    expect(await bytesOf({ seed: 2 })).not.toEqual(await bytesOf());
  });

  test('another order of rows gives another', async () => {
    expect(await bytesOf({}, [...rows].reverse())).not.toEqual(await bytesOf());
  });
});

describe('save and load', () => {
  test.each<[string, Partial<TextClassifierOptions>]>([
    ['a binary model', {}],
    ['a stack, mean, dropout', { lstmLayers: 2, pool: 'mean', dropout: 0.2 }],
    [
      'three labels, max, no n-grams',
      { labels: ['negative', 'positive', 'neutral'], pool: 'max', tokenizer: { buckets: 0 } },
    ],
    ['several labels a text', { labels: ['negative', 'positive'], multiLabel: true }],
    ['odd labels', { labels: ['négatif "1"\n', '__proto__', 'constructor'] }],
  ])('%s comes back with the same probabilities and the same bytes', async (_, options) => {
    const { labels = ['negative', 'positive'] } = options;
    const model = await smallModel(options);
    const own = toyRows(24).map(({ text }, i) => ({ text, label: labels[i % labels.length] }));
    await trainOn(model, own, { epochs: 2, batchSize: 8 });
    const bytes = save(model);
    const again = await load(bytes);
    expect(predictAll(again, texts)).toEqual(predictAll(model, texts));
    expect(again.facts).toEqual(model.facts);
    expect(save(again)).toEqual(bytes);
    expect(save(await load(save(again)))).toEqual(bytes);
  });

  test('a loaded model that has been trained further does not hold on to its bytes', async () => {
    const model = await trainedModel();
    const bytes = save(model);
    const again = await load(bytes);
    for (const one of [model, again]) await trainOn(one, rows, { epochs: 1 });
    bytes.fill(0xff);
    expect(predictAll(again, texts)).toEqual(predictAll(model, texts));
  });

  test('a stream keeps to what its model knew when it began', async () => {
    const model = await trainedModel({ bidirectional: false });
    const before = texts.map((text) => predict(model, text));
    const reader = stream(model);
    await trainOn(model, rows, { epochs: 1 });
    const read = texts.map((text) => {
      reader.push(text);
      return reader.end();
    });
    expect(read).toEqual(before);
    expect(texts.map((text) => predict(model, text))).not.toEqual(before);
  });
});

describe('models share nothing', () => {
  test('interleaved trainings give the same bytes as separate ones', async () => {
    const seeds = [1, 2, 3];
    const separate = await Promise.all(seeds.map((seed) => bytesOf({ seed })));
    const models = await Promise.all(seeds.map((seed) => smallModel({ dropout: 0.3, seed })));
    const trainings = models.map((model) => train(model, rows, everything)[Symbol.asyncIterator]());
    for (let epoch = 0; epoch < everything.epochs; epoch++) {
      for (const training of [...trainings].reverse()) await training.next();
    }
    expect(models.map(save)).toEqual(separate);
  });

  test('trainings awaited together give the same bytes, too', async () => {
    const separate = [await bytesOf({ seed: 1 }), await bytesOf({ seed: 2 })];
    expect(await Promise.all([bytesOf({ seed: 1 }), bytesOf({ seed: 2 })])).toEqual(separate);
  });

  test('training one leaves the predictions of another alone', async () => {
    const bystander = await trainedModel();
    const before = predictAll(bystander, texts);
    await trainedModel({ seed: 5 });
    expect(predictAll(bystander, texts)).toEqual(before);
  });

  test('an optimiser shared by two trainings belongs to neither', async () => {
    const optimizer = adam({ learningRate: 0.02 });
    const trained = async (seed: number, own = optimizer) => {
      const model = await smallModel({ seed });
      await trainOn(model, rows, { epochs: 2, optimizer: own });
      return save(model);
    };
    const alone = await trained(1, adam({ learningRate: 0.02 }));
    const [first, second] = await Promise.all([trained(1), trained(2)]);
    expect(first).toEqual(alone);
    expect(second).toEqual(await trained(2, adam({ learningRate: 0.02 })));
  });
});
