import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { neighbours } from '../../src/layers/neighbours.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import type { Model } from '../../src/model/model.ts';
import { listParameters } from '../../src/model/network-plan.ts';
import { predict } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { transfer } from '../../src/model/transfer.ts';
import { TrainingError, UsageError } from '../../src/runtime/errors.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { scheduleFreeAdamW } from '../../src/train/optimizers/schedule-free.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import {
  type JointEpoch,
  type Source,
  type TogetherOptions,
  trainTogether,
} from '../../src/train/together.ts';
import { train } from '../../src/train/train.ts';
import { LABELS, toyRows, trainOn } from '../support/models.ts';
import { TAGS, toySentences, toyTexts } from '../support/tasks.ts';

const trunk = [embedding({ size: 8 }), lstm({ size: 7, bidirectional: true })];
const common = { tokenizer: { buckets: 20 }, maxLength: 12 };
const classifier = (seed = 1) =>
  createModel({
    ...common,
    seed,
    labels: LABELS.slice(0, 2),
    layers: [...trunk, pool({ over: 'max' }), dense({ units: 1 })],
  });
const tagger = () =>
  createModel({ ...common, task: 'tag', labels: TAGS, layers: [...trunk, dense({ units: 3 })] });
const reader = () =>
  createModel({ ...common, task: 'language', layers: [...trunk, neighbours({ size: 8 })] });

const optimizer = adam({ learningRate: 0.02 });

async function together(
  sources: Record<string, Source>,
  options: TogetherOptions = {},
): Promise<JointEpoch[]> {
  const epochs: JointEpoch[] = [];
  for await (const epoch of trainTogether(sources, { epochs: 3, optimizer, ...options })) epochs.push(epoch);
  return epochs;
}

/** The parameters of the layers that all models here begin with. */
function trunkOf({ vocabulary, weights }: Model): Float32Array {
  const specs = listParameters(trunk, vocabulary.tableRows);
  return weights.slice(
    0,
    specs.reduce((sum, { size }) => sum + size, 0),
  );
}

describe('models that share their first layers', () => {
  test('learn together, hold the same trunk after each epoch, and are models like any other', async () => {
    const [mood, tags] = [await classifier(), await tagger()];
    const rows = toyRows(120);
    const sources = {
      mood: { model: mood, rows, validation: 0.2, batchSize: 8 },
      tags: { model: tags, rows: toySentences(150), weight: 0.5 },
    };
    const epochs = await together(sources, { epochs: 10 });
    const last = epochs[9].sources;
    expect(last.mood.steps).toBe(12);
    expect(last.tags.steps).toBe(5);
    expect(last.mood.validation!.accuracy).toBeGreaterThan(0.9);
    expect(last.tags.accuracy).toBeGreaterThan(0.95);
    expect(trunkOf(mood)).toEqual(trunkOf(tags));
    expect(mood.vocabulary).toBe(tags.vocabulary);
    expect(mood.vocabulary.rowOf('sees')).toBeDefined(); // learnt from the words of both
    expect((await evaluate(tags, toySentences(30, 2))).accuracy).toBeGreaterThan(0.9);
    expect(predict(quantize(mood), 'a lovely film').label).toBe('positive');
  });

  test.each([1, 2])('the same seed gives the same bits, %i threads', async (threads) => {
    const run = async () => {
      const [mood, words] = [await classifier(), await reader()];
      const sources = {
        mood: { model: mood, rows: toyRows(40) },
        words: { model: words, rows: toyTexts(40) },
      };
      await together(sources, { threads });
      return [save(mood), save(words)];
    };
    expect(await run()).toEqual(await run());
  });

  test('taking turns, the first source says how long an epoch is', async () => {
    const [mood, tags] = [await classifier(), await tagger()];
    const sources = {
      mood: { model: mood, rows: toyRows(40), batchSize: 8 },
      tags: { model: tags, rows: toySentences(10), batchSize: 8 },
    };
    const [epoch] = await together(sources, { epochs: 1, sampling: 'roundRobin' });
    expect(epoch.sources.mood.steps).toBe(5);
    expect(epoch.sources.tags.steps).toBe(5);
  });

  test('a step over a source is the step of train(): one after the other gives the same trunk', async () => {
    const averager = () =>
      createModel({
        ...common,
        labels: LABELS.slice(0, 2),
        layers: [...trunk, pool({ over: 'mean' }), dense({ units: 1 })],
      });
    const [first, second] = [toyRows(8), toyRows(8, { seed: 2 })];
    const learn = async (learningRate: number) => {
      const models = { first: await classifier(), second: await averager() };
      const sources = {
        first: { model: models.first, rows: first },
        second: { model: models.second, rows: second },
      };
      await together(sources, { epochs: 1, optimizer: sgd({ learningRate }), sampling: 'roundRobin' });
      return models;
    };
    const joint = await learn(0.1);
    const { first: one } = await learn(1e-30); // as it began, with the words of both
    const two = await averager();
    const options = { epochs: 1, optimizer: sgd({ learningRate: 0.1 }) };
    await trainOn(one, first, options);
    transfer(one, two);
    await trainOn(two, second, options);
    expect(two.weights).toEqual(joint.second.weights);
  });

  test('are given one and the same mean of their trunk by an optimiser that makes one', async () => {
    const sources = {
      mood: { model: await classifier(), rows: toyRows(30) },
      tags: { model: await tagger(), rows: toySentences(20) },
    };
    await together(sources, { optimizer: scheduleFreeAdamW({ learningRate: 0.02 }) });
    const [mood, tags] = [sources.mood.model, sources.tags.model].map(trunkOf);
    expect(mood).toEqual(tags);
    expect(mood.every(Number.isFinite)).toBe(true);
  });

  test('a trunk that one model knows is where all begin', async () => {
    const words = await reader();
    await trainOn(words, toyTexts(60), { epochs: 3, optimizer });
    const [mood, tags] = [await classifier(), await tagger()];
    transfer(words, tags);
    const before = trunkOf(words);
    const sources = {
      mood: { model: mood, rows: toyRows(20) },
      tags: { model: tags, rows: toySentences(20) },
    };
    await together(sources, { epochs: 1, optimizer: sgd({ learningRate: 1e-9 }) });
    const moved = trunkOf(mood).map((value, i) => Math.abs(value - before[i]));
    expect(Math.max(...moved)).toBeLessThan(1e-6);
  });

  test('errors name the source', async () => {
    const [mood, tags] = [await classifier(), await tagger()];
    const rows = toyRows(20);
    const other = await createModel({
      ...common,
      labels: LABELS.slice(0, 2),
      layers: [embedding({ size: 9 }), pool(), dense({ units: 1 })],
    });
    const call =
      (sources: object, options = {}) =>
      () =>
        trainTogether(sources as Record<string, Source>, options);
    expect(call({ mood: { model: mood, rows } })).toThrow(/two sources or more, got 1/);
    expect(call({ a: { model: mood, rows }, b: { model: mood, rows } })).toThrow(
      /^source "b" has the model of another/,
    );
    expect(call({ a: { model: mood, rows }, b: { model: other, rows } })).toThrow(
      /do not begin with layers that are alike/,
    );
    expect(call({ a: { model: mood, rows, wait: 1 }, b: { model: tags, rows } })).toThrow(
      /^source "a" has no option 'wait'/,
    );
    expect(call({ a: { model: mood, rows, weight: 0 }, b: { model: tags, rows } })).toThrow(
      /^source "a" weight/,
    );
    expect(call({ a: { model: mood, rows } }, { sampling: 'all' })).toThrow(/^sampling/);
    expect(call({ a: { model: mood, rows } }, { resume: {} })).toThrow(/no option 'resume'/);
    const sources = { mood: { model: mood, rows }, tags: { model: tags, rows: toySentences(9) } };
    const diverging = together(sources, { optimizer: sgd({ learningRate: 1e30 }) });
    await expect(diverging).rejects.toThrow(TrainingError);
    expect(mood.isTrained).toBe(false);
  });
});

describe('transfer', () => {
  test('gives vocabulary and common layers, and lets the others begin as ever', async () => {
    const [words, mood] = [await reader(), await classifier(3)];
    await trainOn(words, toyTexts(60), { epochs: 2, optimizer });
    expect(transfer(words, mood)).toBe(2);
    expect(mood.vocabulary).toBe(words.vocabulary);
    expect(trunkOf(mood)).toEqual(trunkOf(words));
    const head = mood.weights.subarray(trunkOf(mood).length);
    expect(head.some((value) => value !== 0)).toBe(true);
  });

  test('passes over what acts in training alone', async () => {
    const words = await reader();
    await trainOn(words, toyTexts(60), { epochs: 2, optimizer });
    const dropped = await createModel({
      ...common,
      labels: LABELS,
      layers: [
        trunk[0],
        dropout(),
        lstm({ size: 7, bidirectional: true, recurrentDropout: 0.1 }),
        dropout(),
        pool(),
        dense({ units: 3 }),
      ],
    });
    expect(transfer(words, dropped)).toBe(2);
    expect(trunkOf(dropped)).toEqual(trunkOf(words));
    const narrower = await createModel({
      ...common,
      labels: LABELS,
      layers: [trunk[0], lstm({ size: 7 }), pool(), dense({ units: 3 })],
    });
    expect(transfer(words, narrower)).toBe(1);
  });

  test('of models that do not begin alike is an error', async () => {
    const words = await reader();
    const other = await createModel({
      ...common,
      labels: LABELS,
      layers: [embedding({ size: 9 }), pool(), dense({ units: 3 })],
    });
    expect(() => transfer(words, other)).toThrow(/learnt nothing yet/);
    await trainOn(words, toyTexts(20), { epochs: 1 });
    expect(() => transfer(words, other)).toThrow(UsageError);
    const apart = await createModel({ labels: LABELS, layers: [...trunk, pool(), dense({ units: 3 })] });
    expect(() => transfer(words, apart)).toThrow(/split texts in different ways/);
    expect(() => transfer(quantize(words), other)).toThrow(/f32/);
  });
});

describe('rates by layer', () => {
  test.each([adam(), sgd()])('0 leaves a layer as it is, the others learn: $kind', async (optimizer) => {
    const [words, mood] = [await reader(), await classifier()];
    await trainOn(words, toyTexts(60), { epochs: 1 });
    transfer(words, mood);
    const before = mood.weights.slice();
    const trunkSize = trunkOf(mood).length;
    await trainOn(mood, toyRows(20), { epochs: 2, optimizer, layerRates: [0, 0, 1, 1] });
    expect(mood.weights.subarray(0, trunkSize)).toEqual(before.subarray(0, trunkSize));
    expect(mood.weights.subarray(trunkSize)).not.toEqual(before.subarray(trunkSize));
  });

  test('multiply the learning rate', async () => {
    const run = async (layerRates: number[], learningRate: number) => {
      const model = await classifier();
      await trainOn(model, toyRows(8), { epochs: 1, optimizer: sgd({ learningRate }), layerRates });
      return model.weights;
    };
    expect(await run([0.5, 0.5, 1, 0.5], 0.25)).toEqual(await run([0.25, 0.25, 1, 0.25], 0.5));
    expect(await run([1, 1, 1, 1], 0.25)).not.toEqual(await run([1, 1, 1, 0.5], 0.25));
  });

  test('that cannot be are errors', async () => {
    const model = await classifier();
    for (const layerRates of [[1], [0, 0, 0, 0], [1, 1, 1, -1], [1, 1, 1, Number.NaN], 'slow'] as never[]) {
      expect(() => train(model, toyRows(8), { layerRates })).toThrow(/^layerRates: expected/);
    }
  });
});
