import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import type { Model } from '../../src/model/model.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import type { TextClassifierOptions } from '../../src/model/text-classifier.ts';
import { train } from '../../src/train/train.ts';
import { testNumbers } from '../support/arena.ts';
import { smallModel, toyRows, trainedModel } from '../support/models.ts';

const texts = [
  ...toyRows(90, { seed: 7 }).map(({ text }) => text),
  ...[
    '',
    ' ',
    'never-seen wörds',
    '😀 😀',
    '好看的电影',
    'one two three four five six seven eight nine ten eleven twelve thirteen',
  ],
];

const kinds: [string, Partial<TextClassifierOptions>][] = [
  ['last, bidirectional', {}],
  ['mean, two LSTM layers', { pool: 'mean', lstmLayers: 2 }],
  ['max, one direction, dropout', { pool: 'max', bidirectional: false, dropout: 0.3 }],
  ['attention, batch normalisation', { attentionHeads: 2, batchNorm: true }],
  ['attention, largest answers', { attentionHeads: 2, pool: 'max' }],
  ['three labels', { labels: ['negative', 'positive', 'neutral'], lstm: 9 }],
  ['multi-label', { labels: ['negative', 'positive', 'neutral'], multiLabel: true, embedding: 17 }],
];

describe.each(kinds)('%s', (_, options) => {
  const models = { current: undefined as Model | undefined };
  const trained = async () => (models.current ??= await trainedModel(options));

  test('many at once get the same bits as one by one', async () => {
    const model = await trained();
    expect(predictAll(model, texts)).toEqual(texts.map((text) => predict(model, text)));
  });

  test('neighbours and their order change nothing', async () => {
    const model = await trained();
    const expected = new Map(texts.map((text) => [text, predict(model, text)]));
    const numbers = testNumbers(3);
    for (let round = 0; round < 20; round++) {
      const some = Array.from({ length: 1 + numbers.int(80) }, () => texts[numbers.int(texts.length)]);
      expect(predictAll(model, some)).toEqual(some.map((text) => expected.get(text)));
    }
  });

  test('probabilities are probabilities', async () => {
    const model = await trained();
    for (const { label, probability, probabilities, labels } of predictAll(model, texts)) {
      const shares = Object.values(probabilities);
      expect(Object.keys(probabilities)).toEqual(model.config.labels);
      expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
      expect(probability).toBe(Math.max(...shares));
      expect(probabilities[label]).toBe(probability);
      if (model.config.multiLabel) {
        expect(labels).toEqual(model.config.labels.filter((name) => probabilities[name] >= 0.5));
      } else {
        expect(labels).toEqual([label]);
        expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 6);
      }
    }
  });

  test('what lies behind maxLength changes nothing but the flag', async () => {
    const model = await trained();
    const words = Array.from({ length: 12 }, (_, i) => (i % 3 ? 'good' : 'plot'));
    const whole = predict(model, words.join(' '));
    expect(whole.truncated).toBe(false);
    expect(predict(model, [...words, 'awful', 'awful'].join(' '))).toEqual({ ...whole, truncated: true });
  });
});

test('a call leaves nothing behind for the next', async () => {
  const model = await trainedModel();
  const first = predict(model, 'a lovely film');
  for (const text of texts) predict(model, text);
  expect(predict(model, 'a lovely film')).toEqual(first);
  expect(predict(await trainedModel(), 'a lovely film')).toEqual(first);
});

test('words kept from text to text are those of the present parameters', async () => {
  const model = await smallModel();
  for await (const _ of train(model, toyRows(24), { epochs: 3, batchSize: 8 })) {
    const fresh = await load(save(model));
    for (const text of texts.slice(0, 10)) expect(predict(model, text)).toEqual(predict(fresh, text));
  }
  expect.assertions(30);
});

test('of no texts nothing is said', async () => {
  expect(predictAll(await trainedModel(), [])).toEqual([]);
});
