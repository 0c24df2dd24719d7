import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import { predict } from '../../src/model/predict.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import { train } from '../../src/train/train.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';

const quick = { epochs: 12, batchSize: 8, optimizer: adam({ learningRate: 0.02 }) };

describe('learns a toy task', () => {
  test.each(['last', 'mean', 'max'] as const)('two labels, pool %s', async (pool) => {
    const model = await smallModel({ pool });
    await trainOn(model, toyRows(60), quick);
    expect((await evaluate(model, toyRows(40, { seed: 2 }))).accuracy).toBeGreaterThan(0.95);
    expect(predict(model, 'a boring film').label).toBe('negative');
  });

  test('three labels, with sgd', async () => {
    const labels = ['negative', 'positive', 'neutral'];
    const model = await smallModel({ labels, pool: 'mean' });
    await trainOn(model, toyRows(60, { labels: 3 }), {
      epochs: 60,
      batchSize: 6,
      optimizer: sgd({ learningRate: 0.5 }),
    });
    const { accuracy, confusion } = await evaluate(model, toyRows(30, { labels: 3, seed: 2 }));
    expect(accuracy).toBe(1);
    expect(confusion).toEqual([
      [10, 0, 0],
      [0, 10, 0],
      [0, 0, 10],
    ]);
  });

  test('any number of labels a text', async () => {
    const labels = ['animal', 'colour', 'number'];
    const words = {
      animal: ['cat', 'dog', 'cow'],
      colour: ['red', 'blue', 'green'],
      number: ['one', 'two', 'six'],
    };
    const rows = Array.from({ length: 96 }, (_, i) => {
      const label = labels.filter((_, k) => (i >> k) & 1);
      const text = label.map((name) => words[name as keyof typeof words][i % 3]).join(' ');
      return { text: `the ${text} thing`, label };
    });
    const model = await smallModel({ labels, multiLabel: true, pool: 'max' });
    await trainOn(model, rows, { ...quick, epochs: 25 });
    const { accuracy, macroF1, confusion } = await evaluate(model, rows);
    expect(accuracy).toBe(1);
    expect(macroF1).toBe(1);
    expect(confusion).toBeUndefined();
    expect(predict(model, 'the red dog thing').labels).toEqual(['animal', 'colour']);
    expect(predict(model, 'the thing').labels).toEqual([]);
  });

  test('what only the order of words tells', async () => {
    const rows = Array.from({ length: 64 }, (_, i) => {
      const words = ['first', ...Array.from({ length: i % 4 }, () => 'and'), 'second'];
      return i % 2
        ? { text: words.join(' '), label: 'up' }
        : { text: words.reverse().join(' '), label: 'down' };
    });
    const model = await createModel({
      labels: ['up', 'down'],
      layers: [embedding({ size: 8 }), lstm({ size: 8 }), pool(), dense({ units: 1 })],
    });
    await trainOn(model, rows, quick);
    expect((await evaluate(model, rows)).accuracy).toBe(1);
  });

  test('what only the letters of unknown words tell, through n-grams', async () => {
    const rows = Array.from({ length: 80 }, (_, i) => ({
      text: `x${(i * 7919) % 1000}${i % 2 ? 'able' : 'less'}`,
      label: i % 2 ? 'positive' : 'negative',
    }));
    const model = await smallModel({ tokenizer: { minCount: 2, buckets: 500 } });
    await trainOn(model, rows, quick);
    expect(predict(model, 'unheardable').label).toBe('positive');
    expect(predict(model, 'unheardless').label).toBe('negative');
  });
});

describe('a training', () => {
  const rows = toyRows(30);

  test('tells of each epoch, and of each step', async () => {
    const model = await smallModel();
    const seen: { epoch: number; step: number; steps: number }[] = [];
    const epochs = await trainOn(model, rows, {
      epochs: 2,
      batchSize: 8,
      validation: rows.slice(0, 5),
      onStep: ({ epoch, step, steps }) => seen.push({ epoch, step, steps }),
    });
    expect(epochs.map(({ index }) => index)).toEqual([0, 1]);
    expect(seen).toEqual([0, 1].flatMap((epoch) => [1, 2, 3, 4].map((step) => ({ epoch, step, steps: 4 }))));
    for (const { loss, accuracy, validation, learningRate, seconds, tokensPerSecond } of epochs) {
      expect(loss).toBeGreaterThan(0);
      expect(accuracy).toBeGreaterThanOrEqual(0);
      expect(validation).toMatchObject({ rows: 5, truncated: 0 });
      expect(learningRate).toBe(1e-3);
      expect(seconds).toBeGreaterThan(0);
      expect(tokensPerSecond).toBeGreaterThan(0);
    }
    expect(model.facts).toMatchObject({
      epochs: 2,
      steps: 8,
      rows: 30,
      optimizer: 'adam',
      loss: epochs[1].loss,
    });
  });

  test('without dropout, the first loss is what evaluate() says of the untrained network', async () => {
    const model = await smallModel();
    const losses: number[] = [];
    const tiny = { epochs: 1, batchSize: 30, optimizer: sgd({ learningRate: 1e-12 }) };
    await trainOn(model, rows, { ...tiny, onStep: ({ loss }) => losses.push(loss) });
    const { loss, accuracy } = await evaluate(model, rows);
    expect(losses[0]).toBeCloseTo(loss, 6);
    expect(model.facts.accuracy).toBe(accuracy);
  });

  test('break leaves a usable model, the same as one trained so far only', async () => {
    const model = await smallModel();
    for await (const epoch of train(model, rows, { epochs: 5 })) if (epoch.index === 1) break;
    const short = await smallModel();
    await trainOn(short, rows, { epochs: 2 });
    expect(save(model)).toEqual(save(short));
  });

  test('can be iterated once', async () => {
    const training = train(await smallModel(), rows, { epochs: 1 });
    for await (const _ of training);
    await expect(training[Symbol.asyncIterator]().next()).rejects.toThrow('a training can be iterated once');
  });

  test('a further one goes on from what the model knows', async () => {
    const model = await smallModel();
    await trainOn(model, rows, quick);
    const { vocabulary } = model;
    const known = await evaluate(model, rows);
    expect(known.loss).toBeLessThan(0.1);
    const more = [...rows, { text: 'unheard unheard unheard', label: 'positive' }];
    const [first] = await trainOn(model, more, { epochs: 1, batchSize: 50 });
    expect(first.loss).toBeLessThan(2 * known.loss);
    expect(model.vocabulary).toBe(vocabulary);
    expect(model.facts).toMatchObject({ epochs: 1, rows: 31 });
  });

  test('lets others have their turn', async () => {
    const model = await smallModel({ lstm: 64 });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await trainOn(model, toyRows(400), { epochs: 20 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});
