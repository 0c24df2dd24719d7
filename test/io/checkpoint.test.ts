import { describe, expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../src/io/checkpoint.ts';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { predict } from '../../src/model/predict.ts';
import { DataError, UsageError } from '../../src/runtime/errors.ts';
import { train } from '../../src/train/train.ts';
import { testNumbers } from '../support/arena.ts';
import { changed, changedJson } from '../support/files.ts';
import { smallModel, toyRows, trainedModel } from '../support/models.ts';

const rows = toyRows(24);
const options = { epochs: 4, batchSize: 8, validation: 0.25, earlyStopping: { patience: 3 } };
const model = await smallModel();
const training = train(model, rows, options);
for await (const { index } of training) if (index === 1) break;
const bytes = saveCheckpoint(training);

const withFacts = (patch: object) => changedJson(bytes, 'checkpoint', (facts) => Object.assign(facts, patch));
const withBest = (patch: object) =>
  changedJson(bytes, 'checkpoint', ({ best }) => Object.assign(best, patch));

test('a checkpoint comes back whole', async () => {
  const { model: again, state } = await loadCheckpoint(bytes);
  const { learnt, ...rest } = state;
  const { learnt: before, ...restBefore } = training.state();
  const { words, options: tokenizer } = before.vocabulary;
  expect(rest).toEqual(restBefore);
  expect({ ...learnt, vocabulary: 0 }).toEqual({ ...before, vocabulary: 0 });
  expect([learnt.vocabulary.words, learnt.vocabulary.options]).toEqual([words, tokenizer]);
  expect(again.facts).toEqual(model.facts);
  expect(save(again)).toEqual(save(model));
});

test('a checkpoint is a model, too', async () => {
  expect(predict(await load(bytes), 'a lovely film')).toEqual(predict(model, 'a lovely film'));
});

test('before the iteration has begun there is nothing to go on from', async () => {
  const training = train(await smallModel(), rows, options);
  expect(() => saveCheckpoint(training)).toThrow(UsageError);
  expect(() => saveCheckpoint(training)).toThrow(/this training has not begun. Iterate it first/);
});

test('another training of the same model does not change what a checkpoint holds', async () => {
  const one = await smallModel();
  const training = train(one, rows, options);
  for await (const _ of training) break;
  const before = saveCheckpoint(training);
  for await (const _ of train(one, toyRows(20, { seed: 9 }), { epochs: 1 }));
  expect(saveCheckpoint(training)).toEqual(before);
});

describe('refuses', () => {
  test('a finished model', async () => {
    const finished = save(await trainedModel());
    await expect(loadCheckpoint(finished)).rejects.toThrow(
      /is a finished model, not a checkpoint. Use load\(\)/,
    );
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    [
      'facts that are no JSON',
      () => changed(bytes, ({ metadata }) => Object.assign(metadata, { checkpoint: '{' })),
      /not JSON/,
    ],
    ['no epoch', () => withFacts({ epoch: null }), /where its training stands/],
    ['half a batch', () => withFacts({ batch: 0.5 }), /where its training stands/],
    ['a step before the first', () => withFacts({ step: -1 }), /where its training stands/],
    ['no sums', () => withFacts({ sums: null }), /where its training stands/],
    [
      'sums of text',
      () => withFacts({ sums: { loss: '1', weight: 1, right: 1, rows: 1 } }),
      /where its training/,
    ],
    ['no fingerprint', () => withFacts({ fingerprint: 7 }), /where its training stands/],
    [
      'no moments',
      () => changed(bytes, ({ tensors }) => tensors.delete('training.moments')),
      /no tensor "training.mom/,
    ],
    [
      'no best parameters',
      () => changed(bytes, ({ tensors }) => tensors.delete('training.best')),
      /no tensor "training.b/,
    ],
    [
      'too few best parameters',
      () =>
        changed(bytes, ({ tensors }) => {
          const best = tensors.get('training.best')!;
          best.data = best.data.subarray(4);
          best.shape[0]--;
        }),
      /best epoch is not in order/,
    ],
    ['a best epoch that is none', () => withBest({ epoch: 'first' }), /best epoch is not in order/],
    ['a best value that is none', () => withBest({ value: null }), /best epoch is not in order/],
    ['best facts that are none', () => withBest({ facts: null }), /training facts are not in order/],
    ['a best that is text', () => withFacts({ best: 'yes' }), /best epoch is not in order/],
  ])('%s', async (_, make, message) => {
    await expect(loadCheckpoint(make())).rejects.toThrow(DataError);
    await expect(loadCheckpoint(make())).rejects.toThrow(message);
  });

  test('to go on from moments of another size', async () => {
    const { model: again, state } = await loadCheckpoint(bytes);
    const resume = { ...state, moments: new Float32Array(3) };
    const first = train(again, rows, { ...options, resume })
      [Symbol.asyncIterator]()
      .next();
    await expect(first).rejects.toThrow(/does not belong to this training/);
  });
});

test('500 mutations are refused in words, or go on in numbers', async () => {
  const { int } = testNumbers(5);
  const odd: unknown[] = [null, true, '', 'x', -1, 0, 0.5, 3, 1e9, 1e308, [], {}, { epoch: 1 }];
  let resumed = 0;
  for (let round = 0; round < 500; round++) {
    const mutant = changedJson(bytes, 'checkpoint', (facts) => {
      const part = [facts, facts.sums, facts.best, facts.best.facts][int(4)];
      const keys = Object.keys(part);
      part[keys[int(keys.length)]] = structuredClone(odd[int(odd.length)]);
    });
    try {
      const { model: again, state } = await loadCheckpoint(mutant);
      for await (const { loss } of train(again, rows, { ...options, resume: state }))
        expect(loss).not.toBeNaN();
      expect(predict(again, 'a lovely film').probability).toBeLessThanOrEqual(1);
      resumed++;
    } catch (error) {
      // Further than this training goes: the one thing that is the user's to mend.
      if (!(error instanceof DataError) && !/epochs: expected at least/.test(String(error))) throw error;
    }
  }
  expect(resumed).toBeGreaterThan(20);
  expect(resumed).toBeLessThan(400);
});
