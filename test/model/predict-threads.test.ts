import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { GateletError, UsageError } from '../../src/runtime/errors.ts';
import { smallModel, toyRows, trainedModel } from '../support/models.ts';

/** More than two batches for each of three threads, and not as many for all. */
const texts = [...toyRows(450, { seed: 4 }).map(({ text }) => text), '', 'unheard of 3 words'];
const model = await trainedModel({ labels: ['negative', 'positive', 'neutral'] });

/** Lets a test see the workers that start. */
function watch(seen: (worker: Worker) => void): void {
  workerThreads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      seen(this);
    }
  };
  syncBuiltinESMExports();
}

afterEach(() => {
  workerThreads.Worker = Worker;
  syncBuiltinESMExports();
});

describe('predictAll by several threads', () => {
  test.each([1, 2, 3])('gives what one text after another gives, bit for bit: %d', async (threads) => {
    const one = texts.map((text) => predict(model, text));
    expect(await predictAll(model, texts, { threads })).toEqual(one);
    expect(predictAll(model, texts)).toEqual(one);
  });

  test('and with int8 weights', async () => {
    const small = quantize(model);
    expect(await predictAll(small, texts, { threads: 2 })).toEqual(predictAll(small, texts));
  });

  test.each([[[]], [['a lovely film']]])('takes few texts and none: %j', async (few) => {
    expect(await predictAll(model, few, { threads: 3 })).toEqual(predictAll(model, few));
  });

  test('starts one worker fewer than threads, and ends them', async () => {
    const workers: Worker[] = [];
    watch((worker) => workers.push(worker));
    await predictAll(model, texts, { threads: 3 });
    const ended = -1; // which Node gives as the number of a thread that is no more
    await vi.waitFor(() => expect(workers.map(({ threadId }) => threadId)).toEqual([ended, ended]));
  });

  test('ends with an error when a worker does', async () => {
    watch((worker) => void worker.terminate());
    const predictions = predictAll(model, texts, { threads: 2 });
    await expect(predictions).rejects.toThrow(GateletError);
    await expect(predictions).rejects.toThrow(
      /^a thread ended: .*exit code \d\. Use fewer threads if memory/,
    );
  });

  test.each([0, 1.5, 65, '2', undefined])('refuses %j threads', async (threads) => {
    const wrong = predictAll(model, texts, { threads } as never);
    await expect(wrong).rejects.toThrow(UsageError);
    await expect(wrong).rejects.toThrow(/^threads: expected a whole number from 1 to 64, got /);
  });

  test('refuses other options, what is no list of texts, and a model that has learnt nothing', async () => {
    await expect(predictAll(model, texts, { thread: 2 } as never)).rejects.toThrow(/no option 'thread'/);
    await expect(predictAll(model, 'a joy' as never, { threads: 2 })).rejects.toThrow(/a list of texts/);
    await expect(predictAll(model, ['a', 5 as never], { threads: 2 })).rejects.toThrow(/a string, got 5/);
    const untrained = await smallModel();
    await expect(predictAll(untrained, texts, { threads: 2 })).rejects.toThrow(/learnt nothing yet/);
  });
});
