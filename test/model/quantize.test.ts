import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { compare } from '../../src/model/compare.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { stream } from '../../src/model/stream.ts';
import type { TextClassifierOptions } from '../../src/model/text-classifier.ts';
import { DataError, UsageError } from '../../src/runtime/errors.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { train } from '../../src/train/train.ts';
import { LABELS, smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';

const rows = toyRows(90, { seed: 7 });
const texts = [...rows.map(({ text }) => text), '', 'never-seen wörds', '好看的电影', 'so '.repeat(20)];

const kinds: [string, Partial<TextClassifierOptions>][] = [
  ['last, bidirectional', {}],
  ['mean, two LSTM layers', { pool: 'mean', lstmLayers: 2, bidirectional: false }],
  ['max, one direction, dropout', { pool: 'max', bidirectional: false, dropout: 0.3 }],
  ['wide', { lstm: 40, embedding: 33, bidirectional: false }],
  ['three labels', { labels: LABELS, lstm: 9 }],
  ['multi-label', { labels: LABELS, multiLabel: true, embedding: 17 }],
];

describe.each(kinds)('a quantised model: %s', (_, options) => {
  test('says nearly what the model says', async () => {
    const model = await trainedModel(options);
    const { texts: count, largestDifference } = compare(model, quantize(model), texts);
    expect(count).toBe(texts.length);
    expect(largestDifference).toBeGreaterThan(0);
    expect(largestDifference).toBeLessThan(0.003); // measured: 0.00105
  });

  test('says the same of many texts as one by one, and when streaming, bit for bit', async () => {
    const small = quantize(await trainedModel(options));
    const singles = texts.map((text) => predict(small, text));
    expect(predictAll(small, texts)).toEqual(singles);
    if (options.bidirectional !== false) return expect(() => stream(small)).toThrow('cannot stream');
    const reader = stream(small);
    for (const [i, text] of texts.slice(0, -1).entries()) {
      for (const piece of text.split(/(?<= )/)) reader.push(piece);
      expect(reader.end()).toEqual(singles[i]);
    }
  });
});

test('a model that has learnt its labels keeps them all', async () => {
  const model = await smallModel({ lstm: 16, embedding: 16 });
  await trainOn(model, toyRows(200), { epochs: 8, batchSize: 8 });
  const small = quantize(model);
  expect((await evaluate(model, rows)).accuracy).toBeGreaterThan(0.95);
  expect(compare(model, small, texts).equal).toBe(1);
  const [before, after] = [await evaluate(model, rows), await evaluate(small, rows)];
  expect(after.accuracy).toBe(before.accuracy);
  expect(Math.abs(after.loss - before.loss)).toBeLessThan(1e-4); // measured: 1.9e-5
});

test('the model given stays as it is, and twice gives the same bytes', async () => {
  const model = await trainedModel();
  const before = save(model);
  const [one, two] = [quantize(model), quantize(model)];
  expect(save(model)).toEqual(before);
  expect(save(one)).toEqual(save(two));
  expect(one.config.weights).toBe('i8');
  expect(one.vocabulary).toBe(model.vocabulary);
});

describe('refused', () => {
  test('training a quantised model', async () => {
    const small = quantize(await trainedModel());
    expect(() => train(small, rows)).toThrow(UsageError);
    expect(() => train(small, rows)).toThrow(
      'train() cannot train a quantised model. Train the model it was made from, then quantize() that.',
    );
  });

  test('quantising twice, or before training', async () => {
    const small = quantize(await trainedModel());
    expect(() => quantize(small)).toThrow('this model is quantised already');
    const untrained = await smallModel();
    expect(() => quantize(untrained)).toThrow('this model has learnt nothing yet');
  });

  test('comparing models of other labels, or on no texts', async () => {
    const model = await trainedModel();
    const other = await trainedModel({ labels: LABELS });
    expect(() => compare(model, other, texts)).toThrow(UsageError);
    expect(() => compare(model, other, texts)).toThrow(/compare\(\): expected models with the same labels/);
    expect(() => compare(model, model, [])).toThrow(DataError);
    expect(compare(model, model, texts)).toEqual({ texts: texts.length, equal: 1, largestDifference: 0 });
  });
});
