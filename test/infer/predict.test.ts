import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { load as loadPredictor } from '../../src/infer/load.ts';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { adversarial } from '../../src/layers/adversarial.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { penalty } from '../../src/layers/penalty.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import type { Model } from '../../src/model/model.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { stream } from '../../src/model/stream.ts';
import { LABELS, smallModel, toyRows, trainOn } from '../support/models.ts';

/** Plain SIMD, which is all that gatelet/infer has. */
const module = new WebAssembly.Module(readFileSync('build/gatelet.wasm'));

const TEXTS = [
  ...toyRows(60, { seed: 7 }).map(({ text }) => text),
  ...['', ' ', 'never-seen wörds', '\ud800', '😀 😀', '好看的电影', 'a '.repeat(99), 'lovely '.repeat(13)],
];

const labels = LABELS.slice(0, 2);
const made = (layers: readonly Layer[]) =>
  createModel({ labels, layers, maxLength: 12, tokenizer: { buckets: 40 } });
const one = dense({ units: 1 });

const MODELS: readonly [string, () => Promise<Model>][] = [
  ['one direction', () => smallModel({ bidirectional: false })],
  ['two directions, mean', () => smallModel({ pool: 'mean' })],
  ['stacked, max, dropout', () => smallModel({ pool: 'max', lstmLayers: 3, lstm: 9, dropout: 0.3 })],
  ['stacked, one direction', () => smallModel({ lstmLayers: 2, bidirectional: false, pool: 'mean' })],
  ['batch normalisation, three labels', () => smallModel({ labels: LABELS, batchNorm: true, lstm: 32 })],
  ['many labels a text', () => smallModel({ labels: LABELS, multiLabel: true, embedding: 17 })],
  ['no n-grams, accents stripped', () => smallModel({ tokenizer: { buckets: 0, accents: 'strip' } })],
  [
    'layers of its own',
    () =>
      made([
        embedding({ size: 7 }),
        batchNorm({ epsilon: 1e-3 }),
        lstm({ size: 5 }),
        penalty(),
        dense({ units: 40, activation: 'tanh' }),
        lstm({ size: 40, bidirectional: true }),
        pool({ over: 'max' }),
        batchNorm(),
        dropout(),
        dense({ units: 3, activation: 'relu' }),
        one,
      ]),
  ],
  ['no LSTM', () => made([embedding(), adversarial(), dense({ units: 9 }), pool({ over: 'mean' }), one])],
];

describe.each(MODELS)('%s', (_, make) => {
  /** The file of a trained model, and of the same in int8. */
  const files = make().then(async (model) => {
    const rows = toyRows(24, { labels: model.config.labels.length });
    await trainOn(model, rows, { epochs: 2, batchSize: 8 });
    return [save(model), save(quantize(model))];
  });

  test.each(['f32', 'int8'])('answers as the whole package does, bit for bit: %s', async (kind) => {
    const bytes = (await files)[kind === 'f32' ? 0 : 1];
    const [whole, predictor] = [await load(bytes, { module }), await loadPredictor(bytes)];
    const expected = predictAll(whole, TEXTS);
    expect(predictor.predictAll(TEXTS)).toEqual(expected);
    // Again, with words that have been kept, in another order.
    expect([...TEXTS].reverse().map((text) => predictor.predict(text))).toEqual([...expected].reverse());
    expect(predictor.labels).toEqual(whole.config.labels);
    expect(predict(whole, TEXTS[0])).toEqual(expected[0]);
  });
});

describe('a text that comes in pieces', () => {
  const text = `  A joy to watch, twice!  zxcvb 😀 ${'very '.repeat(200)}good 好看的电影`;
  const layers = (over: 'last' | 'mean' | 'max') => [
    embedding({ size: 6 }),
    lstm({ size: 5 }),
    lstm({ size: 9 }),
    pool({ over }),
    batchNorm(),
    one,
  ];

  test.each(['last', 'mean', 'max'] as const)('is read as stream() reads it: %s', async (over) => {
    const model = await made(layers(over));
    await trainOn(model, toyRows(24), { epochs: 2, batchSize: 8 });
    for (const bytes of [save(model), save(quantize(model))]) {
      const readers = [stream(await load(bytes, { module })), (await loadPredictor(bytes)).stream()];
      for (const given of [text, '', ' ', 'joy', text]) {
        for (let at = 0; at < given.length; at += 7) {
          const [expected, said] = readers.map((reader) => reader.push(given.slice(at, at + 7)));
          expect(said).toEqual(expected);
        }
        const [expected, said] = readers.map((reader) => reader.end());
        expect(said).toEqual(expected);
      }
    }
  });

  test('and predictions meanwhile do not disturb each other', async () => {
    const model = await smallModel({ bidirectional: false });
    await trainOn(model, toyRows(24));
    const predictor = await loadPredictor(save(model));
    const [one, other] = [predictor.stream(), predictor.stream()];
    const whole = predictor.predict('a lovely film');
    for (const piece of ['a ', 'lovely ', 'film']) {
      one.push(piece);
      other.push('dull ');
      expect(predictor.predict('a lovely film')).toEqual(whole);
    }
    expect(one.end()).toEqual(whole);
  });

  test('wants an LSTM that reads from the beginning', async () => {
    const model = await smallModel();
    await trainOn(model, toyRows(24));
    const predictor = await loadPredictor(save(model));
    expect(() => predictor.stream()).toThrow('a bidirectional lstm() cannot stream');
  });
});

test('a text is a string', async () => {
  const model = await smallModel();
  await trainOn(model, toyRows(24));
  const predictor = await loadPredictor(save(model));
  expect(() => predictor.predict(7 as never)).toThrow('predict(): expected a string, got 7');
});
