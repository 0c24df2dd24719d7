import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import type { Model } from '../../src/model/model.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { textClassifier } from '../../src/model/text-classifier.ts';
import { UsageError } from '../../src/runtime/errors.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { train } from '../../src/train/train.ts';
import { smallModel, toyRows, trainedModel } from '../support/models.ts';

describe('before it is trained', () => {
  test.each<[string, (model: Model) => unknown]>([
    ['predict', (model) => predict(model, 'a joy to watch')],
    ['predictAll', (model) => predictAll(model, ['a joy to watch'])],
    ['predictAll of nothing', (model) => predictAll(model, [])],
    ['evaluate', (model) => evaluate(model, toyRows(2))],
    ['save', (model) => save(model)],
    ['its vocabulary', (model) => model.vocabulary],
    ['its facts', (model) => model.facts],
  ])('%s says what to do', async (_, call) => {
    const model = await smallModel();
    expect(model.isTrained).toBe(false);
    const attempt = async () => call(model);
    await expect(attempt()).rejects.toThrow(UsageError);
    await expect(attempt()).rejects.toThrow(/has learnt nothing yet. Call train\(\) first, or load\(\)/);
  });
});

test('what is no text is refused', async () => {
  const model = await trainedModel();
  for (const text of [undefined, null, 5, ['a joy'], {}]) {
    expect(() => predict(model, text as never)).toThrow(/predict\(\): expected a string, got/);
  }
  expect(() => predictAll(model, ['a', 5 as never])).toThrow(/expected a string, got 5/);
  expect(() => predictAll(model, 'a joy' as never)).toThrow(UsageError);
});

describe('textClassifier', () => {
  test.each<[string, object, RegExp]>([
    ['no labels', { labels: undefined }, /^labels: expected a list of at least 2/],
    ['one label', { labels: ['a'] }, /^labels: expected a list of at least 2 labels, got 1/],
    ['an empty label', { labels: ['a', ''] }, /^labels\[1\]: expected a string that is not empty/],
    ['a label as a number', { labels: [0, 1] }, /^labels\[0\]: .* got 0/],
    ['a label twice', { labels: ['a', 'b', 'a'] }, /^labels: "a" is there twice/],
    ['no label of many', { labels: [], multiLabel: true }, /at least 1 label, got 0/],
    ['multiLabel as text', { multiLabel: 'yes' }, /^multiLabel: expected true or false/],
    [
      'misspelt',
      { biDirectional: true },
      /^textClassifier\(\) has no option 'biDirectional': expected .*bidirectional/,
    ],
    ['an LSTM of no size', { lstm: 0 }, /^lstm size: expected a whole number from 1 to 4,096, got 0/],
    ['no LSTM layers', { lstmLayers: 0 }, /^lstmLayers/],
    ['embedding as text', { embedding: '64' }, /^embedding size: .* got "64"/],
    ['NaN dropout', { dropout: Number.NaN }, /^dropout rate: .* got NaN/],
    ['all dropped out', { dropout: 1 }, /^dropout rate/],
    ['an unknown pool', { pool: 'first' }, /^pool over: expected 'last' or 'mean' or 'max', got "first"/],
    ['maxLength 0', { maxLength: 0 }, /^maxLength/],
    ['a seed below 0', { seed: -1 }, /^seed/],
    ['no room for words', { vocabulary: 0 }, /"maxWords"/],
    ['an unknown option of the tokenizer', { tokenizer: { stem: true } }, /no option 'stem'/],
  ])('refuses %s', async (_, options, message) => {
    const attempt = textClassifier({ labels: ['a', 'b'], ...options } as never);
    await expect(attempt).rejects.toThrow(UsageError);
    await expect(attempt).rejects.toThrow(message);
  });

  test('refuses no options at all', async () => {
    await expect(textClassifier(undefined as never)).rejects.toThrow(UsageError);
  });

  test('is a preset over plain layers', async () => {
    const layersOf = async (options: object) =>
      (await textClassifier({ labels: ['a', 'b', 'c'], ...options })).config.layers.map(
        ({ kind, options }) => [kind, options],
      );
    const made = (layers: readonly Layer[]) => layers.map(({ kind, options }) => [kind, options]);
    expect(await layersOf({})).toEqual(
      made([embedding({ size: 64 }), lstm({ size: 64 }), pool({ over: 'last' }), dense({ units: 3 })]),
    );
    const drop = dropout({ rate: 0.5 });
    const reading = lstm({ size: 9, bidirectional: true });
    expect(
      await layersOf({
        embedding: 8,
        lstm: 9,
        lstmLayers: 2,
        bidirectional: true,
        dropout: 0.5,
        pool: 'max',
      }),
    ).toEqual(
      made([
        ...[embedding({ size: 8 }), drop, reading, drop, reading],
        ...[pool({ over: 'max' }), drop, dense({ units: 3 })],
      ]),
    );
  });

  test('gives two labels one number, and any other set one each', async () => {
    const units = async (labels: string[], multiLabel: boolean) => {
      const { layers } = (await textClassifier({ labels, multiLabel })).config;
      return layers[layers.length - 1].options.units;
    };
    expect(await units(['a', 'b'], false)).toBe(1);
    expect(await units(['a', 'b', 'c'], false)).toBe(3);
    expect(await units(['a', 'b'], true)).toBe(2);
    expect(await units(['a'], true)).toBe(1);
  });

  test('equals the same layers written out', async () => {
    const rows = toyRows(20);
    const preset = await textClassifier({
      labels: ['negative', 'positive'],
      embedding: 6,
      lstm: 5,
      pool: 'mean',
    });
    const plain = await createModel({
      labels: ['negative', 'positive'],
      layers: [embedding({ size: 6 }), lstm({ size: 5 }), pool({ over: 'mean' }), dense({ units: 1 })],
    });
    for (const model of [preset, plain]) for await (const _ of train(model, rows, { epochs: 1 }));
    expect(save(preset)).toEqual(save(plain));
  });
});

test('layers may be shared between models', async () => {
  const layers = [embedding({ size: 6 }), lstm({ size: 5 }), pool(), dense({ units: 1 })];
  const labels = ['negative', 'positive'];
  const [one, two] = [await createModel({ labels, layers }), await createModel({ labels, layers, seed: 2 })];
  for await (const _ of train(one, toyRows(20), { epochs: 1 }));
  const before = save(one);
  for await (const _ of train(two, toyRows(20), { epochs: 1 }));
  expect(save(one)).toEqual(before);
  expect(save(two)).not.toEqual(before);
});
