import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeRows } from '../../src/data/dataset.ts';
import { save } from '../../src/io/save.ts';
import { predict } from '../../src/model/predict.ts';
import { targetsOf } from '../../src/model/targets.ts';
import { TrainingError, UsageError } from '../../src/runtime/errors.ts';
import { noThreads } from '../../src/runtime/threads.web.ts';
import * as workers from '../../src/runtime/threads.workers.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { learnVocabulary } from '../../src/text/vocabulary.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { type Training, train } from '../../src/train/train.ts';
import { trainerOf } from '../../src/train/trainer.ts';
import { relativeError } from '../support/arena.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';
import { looking, trainerOptions, wholeBatch } from '../support/trainers.ts';

const compile = (name: string) =>
  new WebAssembly.Module(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)));
const [plain, shared] = [compile('gatelet'), compile('gatelet-shared')];
const rows = toyRows(60);

describe('a training by several threads', () => {
  const bytes = async (threads: number, options: TrainOptions = {}) => {
    const model = await smallModel({ dropout: 0.3 });
    await trainOn(model, rows, { epochs: 2, batchSize: 16, wordDropout: 0.2, threads, ...options });
    return save(model);
  };

  test.each([2, 3])('gives the same bits again: %d', async (threads) => {
    expect(await bytes(threads)).toEqual(await bytes(threads));
  });

  test('gives the same bits again with normalised batches', async () => {
    const trained = async () => {
      const model = await smallModel({ attentionHeads: 2, batchNorm: true });
      await trainOn(model, rows, { epochs: 2, batchSize: 3, threads: 2 });
      return save(model);
    };
    expect(await trained()).toEqual(await trained());
  });

  test('draws for each thread apart', async () => {
    expect(await bytes(2)).not.toEqual(await bytes(1));
  });

  test('goes on where another number of threads ended', async () => {
    const model = await smallModel();
    await trainOn(model, rows, { epochs: 1, threads: 2 });
    const [{ loss }] = await trainOn(model, rows, { epochs: 1 });
    expect(loss).toBeLessThan(model.facts.loss + 1e-9);
  });

  test('learns as one thread does', async () => {
    const curve = async (threads: number) => {
      const model = await smallModel({ lstmLayers: 2 });
      const optimizer = adam({ learningRate: 0.01 });
      const rest = { epochs: 8, batchSize: 16, clipNorm: 1, classWeights: { positive: 2 } };
      return (await trainOn(model, rows, { ...rest, optimizer, threads })).map(({ loss }) => loss);
    };
    const [alone, together] = [await curve(1), await curve(3)];
    expect(alone[7]).toBeLessThan(0.9 * alone[0]);
    expect(relativeError(together, alone)).toBeLessThan(1e-6); // measured 1.0e-8
  });
});

/** Against one thread, which adds the same numbers in another order; measured 3.3e-7 and 5.9e-9. */
const TOLERANCE = { gradients: 1e-6, sums: 5e-8 };

describe('a step', () => {
  const stepOf = async (texts: number, threads: number) => {
    const { config } = await smallModel();
    const some = toyRows(texts);
    const words = some.map(({ text }) => text);
    const vocabulary = learnVocabulary(words, config.tokenizer);
    const corpus = encodeRows(encoderOf(vocabulary, config.maxLength), words);
    const limits = { maxSequences: texts, maxRows: corpus.tokens.length };
    const sharing = { threads, module: threads > 1 ? shared : plain };
    const options = trainerOptions(config, { optimizer: looking });
    const trainer = trainerOf(plain, config, vocabulary, limits, options, sharing);
    trainer.network.initialise(1);
    const batch = wholeBatch(corpus, targetsOf(config, some));
    const result = { ...(await trainer[threads > 1 ? 'stepTogether' : 'step'](batch, 1, 1)) };
    trainer.stop();
    const left = trainer.network.others.map(({ view }) =>
      trainer.network.parameters.flatMap(({ gradient }) => [...view.floats(gradient!)]),
    );
    return { result, gradients: trainer.moments, left: new Set(left.flat()) };
  };

  // Fewer texts than threads, too: then some have nothing to do.
  test.each([
    [30, 2],
    [31, 3],
    [5, 4],
    [2, 3],
    [1, 2],
  ])('over %d texts by %d threads is that of one', async (texts, threads) => {
    const alone = await stepOf(texts, 1);
    const together = await stepOf(texts, threads);
    expect(relativeError(together.gradients, alone.gradients)).toBeLessThan(TOLERANCE.gradients);
    const { loss, gradientNorm, ...counts } = together.result;
    const sums = [alone.result.loss, alone.result.gradientNorm];
    expect(relativeError([loss, gradientNorm], sums)).toBeLessThan(TOLERANCE.sums);
    expect(alone.result).toMatchObject(counts);
    expect(together.left).toEqual(new Set([0])); // cleared for the next step
  });
});

describe('a thread that ends', () => {
  afterEach(() => {
    workerThreads.Worker = Worker;
    syncBuiltinESMExports();
  });

  /** Trains with two threads, of which one ends at a step. */
  async function killedAt(step: number) {
    const started: Worker[] = [];
    workerThreads.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        started.push(this);
      }
    };
    syncBuiltinESMExports();
    const model = await smallModel();
    const kept: Float32Array[] = [];
    let steps = 0;
    const onStep = () => {
      kept.push(training.state().learnt.weights);
      if (++steps === step) void started[0].terminate();
    };
    const training: Training = train(model, rows, { batchSize: 20, threads: 2, onStep });
    const error = await (async () => {
      for await (const _ of training);
    })().catch((error) => error);
    return { model, error, kept, started, steps };
  }

  test('ends the training with an error, and the last good parameters', async () => {
    const { model, error, kept, started, steps } = await killedAt(4);
    expect(started).toHaveLength(1);
    expect(error).toBeInstanceOf(TrainingError);
    expect(error.message).toMatch(/^a thread of the training ended at step \d+, epoch 2: .*exit code 1\. /);
    expect(error).toMatchObject({ step: steps + 1, epoch: 2 });
    expect(model.weights).toEqual(kept.at(-1));
    expect(Number.isFinite(predict(model, 'a lovely film').probability)).toBe(true);
  });
});

describe('threads', () => {
  test('are counted', async () => {
    const model = await smallModel();
    expect(train(model, rows).threads).toEqual({ count: 1 });
    expect(train(model, rows, { threads: 2 }).threads).toEqual({ count: 2 });
  });

  test.each([0, 1.5, 65, '2', Number.NaN])('cannot be %j', async (threads) => {
    const model = await smallModel();
    expect(() => train(model, rows, { threads } as TrainOptions)).toThrow(
      /^threads: expected a whole number from 1 to 64, got /,
    );
  });

  test('cannot be more than the rows of a batch', async () => {
    const model = await smallModel();
    const wrong = () => train(model, rows, { threads: 5, batchSize: 4 });
    expect(wrong).toThrow(UsageError);
    expect(wrong).toThrow('threads: expected at most 4, the rows of a batch, got 5');
  });

  test('a browser says why it has none', () => {
    expect(noThreads()).toMatch(/cross-origin isolated: send the headers Cross-Origin-Opener-Policy/);
  });

  test('an edge worker says that it has none', async () => {
    expect(workers.noThreads()).toBe('Edge workers start no threads.');
    expect(workers.startThread).toThrow(UsageError);
    await expect(workers.loadSharedModule()).rejects.toThrow(UsageError);
  });
});
