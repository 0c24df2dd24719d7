import { describe, expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../src/io/checkpoint.ts';
import { save } from '../../src/io/save.ts';
import { predict } from '../../src/model/predict.ts';
import { exponentialAverage } from '../../src/train/averages/exponential.ts';
import { nonMonotoneAverage } from '../../src/train/averages/non-monotone.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { stepDecay } from '../../src/train/schedules/decay.ts';
import { type Training, train } from '../../src/train/train.ts';
import { smallModel, toyRows } from '../support/models.ts';

const rows = toyRows(40);
const BATCH = 7;
/** 32 rows in batches of 7, the other 8 held back. */
const STEPS = 5;

const options: TrainOptions = {
  epochs: 4,
  batchSize: BATCH,
  optimizer: adam({ learningRate: 0.01 }),
  schedule: stepDecay({ factor: 0.5, every: 2 }),
  validation: 0.2,
  earlyStopping: { patience: 3, metric: 'loss' },
  wordDropout: 0.25,
  clipNorm: 1,
};
const fresh = () => smallModel({ dropout: 0.3 });

/** What would make a difference if it went on: the model's file, and all that the checkpoint adds. */
const whole = async (options: TrainOptions, of = rows) => {
  const model = await fresh();
  const training = train(model, of, options);
  for await (const _ of training);
  return { file: save(model), checkpoint: saveCheckpoint(training) };
};

/** Trains until the signal comes at step `stop`, counted over the whole training; then goes on from the file. */
async function interrupted(stops: readonly number[], options: TrainOptions, of = rows) {
  let model = await fresh();
  let resume: TrainOptions = {};
  let done = 0;
  const go = async (stop: number): Promise<Training> => {
    const abort = new AbortController();
    const onStep = () => {
      if (++done === stop) abort.abort();
    };
    const training = train(model, of, { ...options, ...resume, signal: abort.signal, onStep });
    for await (const _ of training);
    return training;
  };
  for (const stop of stops) {
    const training = await go(stop);
    expect(training.finished).toBe(false);
    const { model: again, state } = await loadCheckpoint(saveCheckpoint(training));
    done = state.step;
    model = again;
    resume = { resume: state };
  }
  const training = await go(Number.POSITIVE_INFINITY);
  expect(training.finished).toBe(true);
  return { file: save(model), checkpoint: saveCheckpoint(training) };
}

describe('a training interrupted and resumed ends in the bytes of one that was not', () => {
  test.each([
    ['at the first step', [1]],
    ['at the second step', [2]],
    ['one step before the end of an epoch', [STEPS - 1]],
    ['at the last step of an epoch', [STEPS]],
    ['at the first step of the next', [STEPS + 1]],
    ['in the third epoch, with a best one behind it', [2 * STEPS + 3]],
    ['again and again', [1, 2, 3, STEPS, 2 * STEPS + 1, 3 * STEPS + 4]],
  ])('%s', async (_, stops) => {
    expect(await interrupted(stops, options)).toEqual(await whole(options));
  });

  test('with sgd, which remembers nothing, and a budget of words', async () => {
    const plain = { epochs: 2, batchSize: 9, batchTokens: 30, optimizer: sgd() };
    expect(await interrupted([3, 8], plain)).toEqual(await whole(plain));
  });

  test('with two threads', async () => {
    const shared = { ...options, threads: 2 };
    expect(await interrupted([2, STEPS + 1], shared)).toEqual(await whole(shared));
  });

  test('with an average of the parameters', async () => {
    const averaging = { ...options, average: exponentialAverage({ decay: 0.9 }) };
    expect(await interrupted([2, STEPS, 2 * STEPS + 3], averaging)).toEqual(await whole(averaging));
  });

  test('with a mean that begins where training stops to gain', async () => {
    // At such a rate the loss on the rows held back soon rises.
    const { earlyStopping: _, ...rest } = options;
    const optimizer = sgd({ learningRate: 3 });
    const averaging = { ...rest, epochs: 6, optimizer, average: nonMonotoneAverage({ patience: 0 }) };
    const { checkpoint, file } = await whole(averaging);
    const { state } = await loadCheckpoint(checkpoint);
    expect(state.taken).toBeGreaterThan(STEPS);
    expect(await interrupted([2, 3 * STEPS + 1, 5 * STEPS + 3], averaging)).toEqual({ checkpoint, file });
  });

  test('with mixup', async () => {
    const mixed = { ...options, mixup: 0.4 };
    expect(await interrupted([2, STEPS + 1], mixed)).toEqual(await whole(mixed));
  });

  test('after break, between two epochs', async () => {
    const model = await fresh();
    const training = train(model, rows, options);
    for await (const epoch of training) if (epoch.index === 1) break;
    const { model: again, state } = await loadCheckpoint(saveCheckpoint(training));
    const rest = train(again, rows, { ...options, resume: state });
    const indexes: number[] = [];
    for await (const { index } of rest) indexes.push(index);
    expect(indexes).toEqual([2, 3]);
    expect(save(again)).toEqual((await whole(options)).file);
  });

  test('in the same process, without a file', async () => {
    const model = await fresh();
    const training = train(model, rows, options);
    for await (const _ of training) break;
    for await (const _ of train(model, rows, { ...options, resume: training.state() }));
    expect(save(model)).toEqual((await whole(options)).file);
  });

  test('with more epochs than were asked for at first', async () => {
    const { earlyStopping: _, ...rest } = options;
    const model = await fresh();
    const training = train(model, rows, { ...rest, epochs: 2 });
    for await (const _ of training);
    for await (const _ of train(model, rows, { ...rest, resume: training.state() }));
    expect(save(model)).toEqual((await whole(rest)).file);
  });
});

describe('a signal', () => {
  const stopAt = async (stop: number) => {
    const model = await fresh();
    const abort = new AbortController();
    let steps = 0;
    const onStep = () => {
      if (++steps === stop) abort.abort();
    };
    const training = train(model, rows, { ...options, signal: abort.signal, onStep });
    const epochs: number[] = [];
    for await (const { index } of training) epochs.push(index);
    return { model, training, epochs, steps };
  };

  test.each([1, 3, STEPS - 1, STEPS + 2])('ends the training after the step under way, %d', async (stop) => {
    const { steps, training, model } = await stopAt(stop);
    expect(steps).toBe(stop);
    expect(training.state().step).toBe(stop);
    expect(model.facts.steps).toBe(stop);
  });

  test('at the last step of an epoch still ends the epoch, and begins no other', async () => {
    const { steps, epochs, training } = await stopAt(STEPS);
    expect(epochs).toEqual([0]);
    expect(steps).toBe(STEPS);
    expect(training.state()).toMatchObject({ epoch: 1, batch: 0, step: STEPS });
  });

  test('leaves a usable model', async () => {
    const { model } = await stopAt(2);
    expect(Number.isFinite(predict(model, 'a lovely film').probability)).toBe(true);
  });

  test('at the very last step is too late to matter', async () => {
    const short = { ...options, epochs: 1 };
    const model = await fresh();
    const abort = new AbortController();
    const training = train(model, rows, {
      ...short,
      signal: abort.signal,
      onStep: ({ step, steps }) => step === steps && abort.abort(),
    });
    for await (const _ of training);
    expect(training.finished).toBe(true);
    expect(save(model)).toEqual((await whole(short)).file);
  });
});

describe('the checkpoint of another training', () => {
  const state = async () => {
    const model = await fresh();
    const training = train(model, rows, options);
    for await (const _ of training) break;
    return { model, state: training.state() };
  };

  test.each<[string, TrainOptions, typeof rows]>([
    ['other rows', {}, toyRows(40, { seed: 2 })],
    ['fewer rows', {}, rows.slice(1)],
    ['other labels', {}, rows.map(({ text }, i) => ({ text, label: rows[(i + 1) % rows.length].label }))],
    ['another batch size', { batchSize: 8 }, rows],
    ['another optimiser', { optimizer: sgd() }, rows],
    ['another learning rate', { optimizer: adam({ learningRate: 0.02 }) }, rows],
    ['another schedule', { schedule: stepDecay({ factor: 0.4, every: 2 }) }, rows],
    ['another word dropout', { wordDropout: 0.1 }, rows],
    ['other class weights', { classWeights: { positive: 2 } }, rows],
    ['no early stopping', { earlyStopping: undefined as never }, rows],
    ['mixup', { mixup: 0.4 }, rows],
    ['an average', { average: exponentialAverage() }, rows],
    ['another clipNorm', { clipNorm: 2 }, rows],
    ['another number of threads', { threads: 2 }, rows],
  ])('is refused: %s', async (_, other, of) => {
    const { model, state: resume } = await state();
    expect(() => train(model, of, { ...options, ...other, resume })).toThrow(
      /checkpoint does not belong to this training/,
    );
  });

  test('other rows to validate on, as many as before', async () => {
    const given = (seed: number): TrainOptions => ({ ...options, validation: toyRows(10, { seed }) });
    const model = await fresh();
    const training = train(model, rows, given(3));
    for await (const _ of training) break;
    const resume = training.state();
    expect(() => train(model, rows, { ...given(3), resume })).not.toThrow();
    expect(() => train(model, rows, { ...given(4), resume })).toThrow(/does not belong to this training/);
  });
});
