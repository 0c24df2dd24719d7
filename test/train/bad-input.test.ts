import { describe, expect, test } from 'vitest';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import type { Row } from '../../src/model/targets.ts';
import { DataError, GateletError, TrainingError, UsageError } from '../../src/runtime/errors.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam, adamW } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { exponentialDecay, stepDecay } from '../../src/train/schedules/decay.ts';
import { train } from '../../src/train/train.ts';
import { cpuMs } from '../support/cpu.ts';
import { smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';

const rows = toyRows(20);
const model = await smallModel();
const without = (row: number, change: object) =>
  rows.map((one, i) => (i === row ? { ...one, ...change } : one));

describe('options that have no meaning', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'NaN learning rate, adam',
      () => adam({ learningRate: Number.NaN }),
      /^adam learningRate: expected a number above 0, within f32, got NaN/,
    ],
    ['NaN learning rate, sgd', () => sgd({ learningRate: Number.NaN }), /^sgd learningRate: .* got NaN/],
    ['negative learning rate', () => adam({ learningRate: -1 }), /learningRate/],
    ['infinite learning rate', () => sgd({ learningRate: Number.POSITIVE_INFINITY }), /got Infinity/],
    ['beta of 1', () => adam({ beta1: 1 }), /adam beta1/],
    ['epsilon 0', () => adam({ epsilon: 0 }), /adam epsilon/],
    ['misspelt', () => adam({ lr: 0.1 } as never), /adam\(\) has no option 'lr'.*learningRate/],
    ['misspelt in sgd', () => sgd({ momentun: 0.9 } as never), /sgd\(\) has no option 'momentun'/],
    ['nesterov alone', () => sgd({ nesterov: true }), /sgd nesterov can do nothing without momentum/],
    [
      'a decay below nothing',
      () => adamW({ weightDecay: -1 }),
      /adamW weightDecay: expected a number from 0 to 1000, got -1/,
    ],
    ['step of no epochs', () => stepDecay({ every: 0 }), /stepDecay every/],
    ['decay to nothing', () => exponentialDecay({ factor: 0 }), /exponentialDecay factor/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(UsageError);
    expect(call).toThrow(message);
  });

  test.each<[string, unknown, RegExp]>([
    ['misspelt', { epoch: 3 }, /train\(\) has no option 'epoch'.*epochs/],
    ['epochs 0', { epochs: 0 }, /^epochs: expected a whole number/],
    ['epochs as text', { epochs: '10' }, /^epochs: .* got "10"/],
    ['half a batch', { batchSize: 0.5 }, /^batchSize/],
    [
      'fewer words than a text may have',
      { batchTokens: 11 },
      /^batchTokens: expected a whole number from 12/,
    ],
    ['validation of everything', { validation: 1 }, /^validation/],
    ['validation as text', { validation: '10%' }, /^validation/],
    ['clipNorm 0', { clipNorm: 0 }, /^clipNorm/],
    ['label smoothing 1', { labelSmoothing: 1 }, /^labelSmoothing/],
    ['mixup below 0', { mixup: -0.1 }, /^mixup: expected a number from 0 to 4, got -0.1/],
    [
      'mixup of single texts',
      { mixup: 0.2, batchSize: 1 },
      /^the option "mixup" cannot act with batchSize: 1/,
    ],
    ['NaN word dropout', { wordDropout: Number.NaN }, /^wordDropout: .* got NaN/],
    ['class weights as a list', { classWeights: [1, 2] }, /^classWeights names "0"/],
    ['class weights misspelt', { classWeights: 'balance' }, /^classWeights: .*'balanced'/],
    ['weight of an unknown label', { classWeights: { good: 1 } }, /^classWeights names "good"/],
    ['weight 0', { classWeights: { positive: 0 } }, /^classWeights of "positive"/],
    ['early stopping on nothing', { earlyStopping: { patience: 2 } }, /^earlyStopping needs rows/],
    ['no patience', { earlyStopping: {}, validation: 0.2 }, /^earlyStopping patience/],
    ['early stopping by a yes', { earlyStopping: true, validation: 0.2 }, /^earlyStopping/],
    [
      'an unknown metric',
      { earlyStopping: { patience: 2, metric: 'f1' }, validation: 0.2 },
      /^earlyStopping metric: expected 'loss' or 'accuracy', got "f1"/,
    ],
    [
      'early stopping misspelt',
      { earlyStopping: { patience: 2, on: 'loss' }, validation: 0.2 },
      /^earlyStopping has no option 'on'/,
    ],
    [
      'an optimiser by name',
      { optimizer: 'adam' },
      /^optimizer: expected adam\(\) or another optimizer, got "adam"/,
    ],
    ['an optimiser that was not called', { optimizer: adam }, /^optimizer/],
    ['a schedule by name', { schedule: 'step' }, /^schedule/],
    ['no object', 3, /^train\(\)/],
  ])('train(): %s', (_, options, message) => {
    const call = () => train(model, rows, options as TrainOptions);
    expect(call).toThrow(UsageError);
    expect(call).toThrow(message);
  });
});

describe('rows', () => {
  test.each<[string, unknown, TrainOptions, RegExp]>([
    ['none', [], {}, /^there are no rows/],
    ['a label missing', without(11, { label: undefined }), {}, /^row 12 has no label/],
    ['a label null', without(11, { label: null }), {}, /^row 12 has no label/],
    ['a label empty', without(11, { label: '' }), {}, /^row 12 has no label/],
    [
      'an unknown label',
      without(2, { label: 'good' }),
      {},
      /^row 3 has the label "good": expected one of 'negative', 'positive'/,
    ],
    [
      'a label inherited by all objects',
      without(2, { label: 'constructor' }),
      {},
      /^row 3 has the label "constructor"/,
    ],
    ['a label as a number', without(2, { label: 1 }), {}, /^row 3 has the label 1/],
    ['a list of labels', without(2, { label: ['positive'] }), {}, /^row 3 has a list of labels.*multiLabel/],
    ['a text missing', without(19, { text: undefined }), {}, /^row 20 has no text/],
    ['a text as a number', without(19, { text: 5 }), {}, /^row 20 has no text: expected a string, got 5/],
    ['a row missing', rows.map((row, i) => (i === 4 ? undefined : row)), {}, /^row 5 /],
    ['a row of text', rows.map((row, i) => (i === 4 ? 'a good film' : row)), {}, /^row 5 /],
    [
      'one class only',
      rows.filter(({ label }) => label === 'positive'),
      {},
      /^all 10 rows have the label "positive"/,
    ],
    [
      'a label missing, some rows held back',
      without(11, { label: undefined }),
      { validation: 0.4 },
      /^row 12 has no label/,
    ],
    [
      'a text missing, some rows held back',
      without(19, { text: undefined }),
      { validation: 0.4 },
      /^row 20 has no text/,
    ],
    ['all held back', rows.slice(0, 2), { validation: 0.9 }, /^validation takes 2 of 2 rows/],
    ['none held back', rows, { validation: 0.01 }, /^validation takes 0 of 20 rows/],
  ])('%s', (_, bad, options, message) => {
    const call = () => train(model, bad as Row[], options);
    expect(call).toThrow(DataError);
    expect(call).toThrow(message);
    expect(model.isTrained).toBe(false);
  });

  test('validation rows that are wrong are named as such', () => {
    const call = () => train(model, rows, { validation: without(3, { label: 'good' }) });
    expect(call).toThrow(DataError);
    expect(call).toThrow(/validation.*row 4|row 4 .*validation/);
  });

  test('that are no list', () => {
    for (const bad of [undefined, null, 'rows.csv', { text: 'a', label: 'negative' }]) {
      expect(() => train(model, bad as never)).toThrow(/^the rows: expected a list of/);
    }
  });

  test('of a multi-label model', async () => {
    const several = await smallModel({ labels: ['a', 'b'], multiLabel: true });
    const call = (label: unknown) => () =>
      train(several, [
        { text: 'x', label: ['a'] },
        { text: 'y', label: label as never },
      ]);
    expect(call(undefined)).toThrow(/^row 2 has no label/);
    expect(call(['a', 'c'])).toThrow(/^row 2 has the label "c"/);
    expect(call([])).not.toThrow();
    expect(call('b')).not.toThrow();
  });

  test('evaluate() checks them, too', async () => {
    const trained = await trainedModel();
    await expect(evaluate(trained, [])).rejects.toThrow(/there are no rows/);
    await expect(evaluate(trained, without(1, { label: 'good' }))).rejects.toThrow(
      /^row 2 has the label "good"/,
    );
    await expect(evaluate(trained, 'rows.csv' as never)).rejects.toThrow(GateletError);
    await expect(evaluate(model, rows)).rejects.toThrow(/has learnt nothing yet/);
  });
});

describe('odd but good', () => {
  test('texts without words, of emoji, of lone surrogates, and long ones', async () => {
    const odd = [
      '',
      ' \n\t',
      '😀👩‍👩‍👧🇩🇪',
      '\ud800',
      '\udc00a\ud800',
      '\0',
      '\u202e\ufeff',
      'é'.normalize('NFD'),
      'x'.repeat(5000),
    ];
    const own = [...odd, ...odd].map((text, i) => ({ text, label: i % 2 ? 'positive' : 'negative' }));
    const trained = await smallModel();
    await trainOn(trained, own, { epochs: 2, wordDropout: 0.5, validation: 0.2 });
    for (const { probability } of predictAll(trained, odd)) expect(probability).toBeGreaterThanOrEqual(0.5);
    const { rows: count, loss } = await evaluate(trained, own);
    expect(count).toBe(18);
    expect(Number.isFinite(loss)).toBe(true);
  });

  test('a text of 2 MB, in words and in one', async () => {
    const trained = await trainedModel();
    const start = cpuMs();
    const long = predict(trained, 'lovely film '.repeat(170_000));
    expect(long).toEqual({ ...predict(trained, 'lovely film '.repeat(6)), truncated: true });
    expect(predict(trained, 'x'.repeat(2_000_000)).truncated).toBe(false);
    expect(predict(trained, '好'.repeat(700_000)).truncated).toBe(true);
    expect(cpuMs() - start).toBeLessThan(5000);
  });

  test('two rows; batches larger than the rows; one row a batch', async () => {
    for (const batchSize of [1, 1000]) {
      const trained = await smallModel();
      await trainOn(trained, rows.slice(0, 2), { epochs: 2, batchSize });
      expect(trained.facts).toMatchObject({ rows: 2, steps: batchSize === 1 ? 4 : 2 });
    }
  });

  test('labels named as what all objects inherit', async () => {
    const labels = ['__proto__', 'constructor', 'toString'];
    const own = toyRows(60, { labels: 3 }).map(({ text }, i) => ({ text, label: labels[i % 3] }));
    const trained = await smallModel({ labels, pool: 'mean' });
    await trainOn(trained, own, {
      epochs: 20,
      batchSize: 8,
      optimizer: adam({ learningRate: 0.02 }),
      classWeights: 'balanced',
    });
    const { accuracy, classes } = await evaluate(trained, own);
    expect(accuracy).toBeGreaterThan(0.9);
    expect(Object.keys(classes)).toEqual(labels);
    const { label, probabilities } = predict(trained, 'an awful film');
    expect(label).toBe('__proto__');
    expect(Object.keys(probabilities)).toEqual(labels);
    expect(Object.values(probabilities).reduce((sum, share) => sum + share)).toBeCloseTo(1, 6);
  });
});

describe('a loss that is no longer a number', () => {
  const diverge = async (options: TrainOptions, more: Parameters<typeof smallModel>[0] = {}) => {
    const own = await smallModel({ labels: ['negative', 'positive', 'neutral'], ...more });
    const all = toyRows(60, { labels: 3 });
    let steps = 0;
    const run = trainOn(own, all, { epochs: 50, batchSize: 4, ...options, onStep: () => steps++ });
    const error = await run.then(
      () => undefined,
      (error: unknown) => error,
    );
    return { own, error, steps: () => steps };
  };

  test('on the rows to validate on alone: the step that led there is undone', async () => {
    const wide = [4, 4].map((units) => dense({ units }));
    const layers = [embedding({ size: 4 }), pool({ over: 'mean' }), ...wide, dense({ units: 1 })];
    const own = await createModel({ labels: ['negative', 'positive'], layers });
    const options = { optimizer: sgd({ learningRate: 1e17 }), validation: 0.2, batchSize: 1000 };
    await expect(trainOn(own, rows, options)).rejects.toThrow(/no longer a number at step 1, epoch 1/);
    expect(own.facts.steps).toBe(0);
    for (const { text } of rows) expect(predict(own, text).probability).toBeGreaterThanOrEqual(0.5);
  });

  test.each<[string, TrainOptions]>([
    ['sgd', { optimizer: sgd({ learningRate: 1e30 }) }],
    ['adam', { optimizer: adam({ learningRate: 1e36 }) }],
  ])('%s: stops, says at which step, and keeps good parameters', async (_, options) => {
    const { own, error, steps } = await diverge(options);
    expect(error).toBeInstanceOf(TrainingError);
    const { step, epoch, message } = error as TrainingError;
    expect(step).toBe(steps() + 1);
    expect(message).toContain(`no longer a number at step ${step}, epoch ${epoch}`);
    expect(message).toContain('learning rate');
    if (step === 1) {
      expect(own.isTrained).toBe(false);
      return;
    }
    for (const { text } of toyRows(30)) {
      for (const share of Object.values(predict(own, text).probabilities)) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
    }
    expect((await evaluate(own, toyRows(30, { labels: 3 }))).loss).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});
