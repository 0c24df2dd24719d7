import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeRows } from '../../src/data/dataset.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { modelConfig } from '../../src/model/config.ts';
import { targetsOf } from '../../src/model/targets.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { tokenizerOptions } from '../../src/text/options.ts';
import { vocabularyFrom } from '../../src/text/vocabulary.ts';
import { wordListOf } from '../../src/text/word-list.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import { trainerOf } from '../../src/train/trainer.ts';
import { relativeError } from '../support/arena.ts';
import { trainerOptions } from '../support/trainers.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../build/gatelet.wasm', import.meta.url)));
const E = 5;
const LABELS = ['a', 'b', 'c'];
const tokenizer = tokenizerOptions({ buckets: 9, ngrams: [3, 3] });
const vocabulary = vocabularyFrom(wordListOf('zero\none\ntwo\nthree\nfour\nfive'), tokenizer);
const TABLE = vocabulary.tableRows * E;

interface Setup {
  texts: string[];
  labels: string[];
  optimizer?: Optimizer;
  classWeights?: number[];
  labelSmoothing?: number;
  clipNorm?: number;
  clipValue?: number;
  wordDropout?: number;
}

/** A small trainer, and a step that runs over all rows again. */
function setUp(setup: Setup) {
  const { texts, labels, optimizer = sgd(), classWeights = [1, 1, 1], labelSmoothing = 0 } = setup;
  const { clipNorm = Infinity, clipValue = Infinity, wordDropout = 0 } = setup;
  const layers = [
    embedding({ size: E }),
    lstm({ size: 4, bidirectional: true }),
    pool({ over: 'mean' }),
    dense({ units: 3 }),
  ];
  const config = modelConfig({ labels: LABELS, layers, maxLength: 10, tokenizer });
  const corpus = encodeRows(encoderOf(vocabulary, 10), texts, true);
  const targets = targetsOf(
    config,
    texts.map((text, row) => ({ text, label: labels[row] })),
  );
  const limits = { maxSequences: texts.length, maxRows: corpus.tokens.length };
  const objective = { labelSmoothing, classWeights, mixup: 0 };
  const options = trainerOptions(config, { optimizer, objective, clipNorm, clipValue, wordDropout });
  const trainer = trainerOf(module, config, vocabulary, limits, options);
  trainer.network.initialise(7);
  const order = Int32Array.from(texts.keys());
  let step = 0;
  const run = (rows = order, learningRate = 0.1) =>
    trainer.step({ corpus, targets, rows, from: 0, count: rows.length }, ++step, learningRate);
  return { weights: trainer.network.weights, moments: trainer.moments, run, undo: () => trainer.undo() };
}

const texts = ['zero one', 'two', 'three unseen four five'];
const labels = ['a', 'b', 'c'];

/** Rows of the table that differ, by number. */
function movedRows(before: Float32Array, after: Float32Array): number[] {
  return Array.from({ length: vocabulary.tableRows }, (_, row) => row).filter((row) =>
    before.subarray(row * E, (row + 1) * E).some((value, k) => value !== after[row * E + k]),
  );
}

describe('only rows of the embedding that the batch shows', () => {
  test.each([adam(), sgd()])('move, and only their moments change: $kind', (optimizer) => {
    const { weights, moments, run } = setUp({ texts, labels, optimizer });
    const first = weights.slice();
    run(Int32Array.of(0));
    expect(movedRows(first, weights)).toEqual([2, 3]); // zero, one
    const second = weights.slice();
    const remembered = moments.slice();
    run(Int32Array.of(1));
    expect(movedRows(second, weights)).toEqual([4]); // two: what came before does not drift on
    expect(movedRows(remembered, moments)).toEqual(moments.length > 0 ? [4] : []);
    expect(weights.subarray(TABLE)).not.toEqual(second.subarray(TABLE));
  });

  test('an unknown word moves its n-grams', () => {
    const { weights, run } = setUp({ texts: ['unseen', 'two', 'two'], labels });
    const before = weights.slice();
    run(Int32Array.of(0));
    expect(movedRows(before, weights)).toEqual(vocabulary.ngramRows('unseen').sort((a, b) => a - b));
  });

  test('word dropout shows known words as their n-grams', () => {
    const { weights, run } = setUp({
      texts: ['two two two two two two two two', 'one', 'one'],
      labels,
      wordDropout: 0.5,
    });
    const before = weights.slice();
    run(Int32Array.of(0));
    expect(movedRows(before, weights)).toEqual([4, ...vocabulary.ngramRows('two')].sort((a, b) => a - b));
  });
});

describe('clipNorm', () => {
  const step = (clipNorm: number) => {
    const { weights, run } = setUp({ texts, labels, clipNorm });
    const before = weights.slice();
    const { gradientNorm } = run();
    const moved = weights.map((value, k) => value - before[k]);
    return { gradientNorm, moved, length: Math.sqrt(moved.reduce((sum, value) => sum + value * value, 0)) };
  };

  test('scales all gradients alike down to that global norm', () => {
    const free = step(Number.POSITIVE_INFINITY);
    const limit = free.gradientNorm / 3;
    const clipped = step(limit);
    expect(clipped.gradientNorm).toBe(free.gradientNorm);
    // Of weights of about 1 an f32 keeps 6e-8, and a step is about 0.1.
    expect(Math.abs(free.length / (0.1 * free.gradientNorm) - 1)).toBeLessThan(1e-5);
    expect(Math.abs(clipped.length / (0.1 * limit) - 1)).toBeLessThan(1e-5);
    expect(
      relativeError(
        clipped.moved.map((value) => 3 * value),
        free.moved,
      ),
    ).toBeLessThan(1e-4);
  });

  test('leaves smaller gradients as they are', () => {
    const free = step(Number.POSITIVE_INFINITY);
    expect(step(free.gradientNorm * 1.01).moved).toEqual(free.moved);
  });
});

describe('class weights', () => {
  const lossAndStep = (setup: Omit<Setup, 'optimizer'>) => {
    const { weights, run } = setUp(setup);
    const { loss } = run();
    return { loss, weights: weights.slice() };
  };

  test('count as repeated rows do', () => {
    const weighted = lossAndStep({ texts, labels, classWeights: [3, 1, 2] });
    const repeated = lossAndStep({
      texts: [0, 0, 0, 1, 2, 2].map((row) => texts[row]),
      labels: [0, 0, 0, 1, 2, 2].map((row) => labels[row]),
    });
    expect(Math.abs(weighted.loss / repeated.loss - 1)).toBeLessThan(1e-6);
    expect(relativeError(weighted.weights, repeated.weights)).toBeLessThan(1e-6);
  });

  test('all alike change nothing', () => {
    const plain = lossAndStep({ texts, labels });
    expect(
      Math.abs(lossAndStep({ texts, labels, classWeights: [4, 4, 4] }).loss / plain.loss - 1),
    ).toBeLessThan(1e-7);
  });
});

test('label smoothing mixes the loss with that of all labels alike', () => {
  const lossOf = (setup: Partial<Setup>) =>
    setUp({ texts: texts.slice(0, 1), labels: ['a'], ...setup }).run().loss;
  const each = LABELS.map((label) => lossOf({ labels: [label] }));
  const uniform = each.reduce((sum, loss) => sum + loss) / 3;
  expect(lossOf({ labelSmoothing: 0.3 })).toBeCloseTo(0.7 * each[0] + 0.3 * uniform, 6);
});

test('a step counts rows, words and right answers', () => {
  const { run } = setUp({ texts, labels });
  for (let k = 0; k < 200; k++) run();
  expect(run()).toMatchObject({ weight: 3, tokens: 7, right: 3 });
});

describe('a step back', () => {
  test('to before the step that led to a loss that is not finite', () => {
    const { weights, run, undo } = setUp({ texts, labels, optimizer: adam() });
    run();
    const before = weights.slice();
    run(Int32Array.of(1, 2));
    weights[weights.length - 1] = Number.NaN; // the last bias
    expect(run(Int32Array.of(0))).toMatchObject({ loss: Number.NaN, finite: false });
    undo();
    expect(weights).toEqual(before);
  });

  test.each([adam(), sgd()])('where a parameter is no number any more, at once: $kind', (optimizer) => {
    const { weights, run } = setUp({ texts, labels, optimizer });
    run();
    const before = weights.slice();
    expect(run(undefined, 1e300).finite).toBe(false);
    expect(weights).toEqual(before);
    expect(run().finite).toBe(true);
  });
});
