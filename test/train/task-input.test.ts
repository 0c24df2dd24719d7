import { expect, test } from 'vitest';
import { crf } from '../../src/layers/crf.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { neighbours } from '../../src/layers/neighbours.ts';
import { numbers } from '../../src/layers/numbers.ts';
import { pool } from '../../src/layers/pool.ts';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { estimate, estimateAll } from '../../src/model/estimate.ts';
import { predict } from '../../src/model/predict.ts';
import type { Row } from '../../src/model/rows.ts';
import { stream } from '../../src/model/stream.ts';
import { tag, tagAll } from '../../src/model/tag.ts';
import { DataError, UsageError } from '../../src/runtime/errors.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { train } from '../../src/train/train.ts';
import { toyRows, trainedModel, trainOn } from '../support/models.ts';
import { adder, reader, tagger, toySentences, toySums, toyTexts } from '../support/tasks.ts';

const labels = ['N', 'V', 'D'];
const [E, D] = [embedding({ size: 8 }), dense({ units: 3 })];

test.each<[string, ModelOptions, RegExp]>([
  ['a task of another name', { task: 'parse', layers: [E] } as never, /^task: expected 'classify' or 'tag'/],
  [
    'tags behind pool()',
    { task: 'tag', labels, layers: [E, pool(), D] },
    /units: 3 \}\) not behind pool\(\), for 3 tags, got one vector a text/,
  ],
  [
    'too few scores for tags',
    { task: 'tag', labels, layers: [E, dense({ units: 2 })] },
    /got 2 numbers a word/,
  ],
  [
    'labels of words to classify',
    { labels, layers: [E, D] },
    /behind pool\(\), for 3 labels, got a vector for each word/,
  ],
  [
    'several labels a word',
    { task: 'tag', labels, multiLabel: true, layers: [E, D] },
    /"multiLabel" cannot act with the task 'tag'/,
  ],
  [
    'labels of numbers',
    { task: 'regress', labels, layers: [E, pool(), dense({ units: 1 })] },
    /"labels" cannot act with the task 'regress'/,
  ],
  [
    'fewer numbers than asked for',
    { task: 'regress', outputs: 2, layers: [E, pool(), dense({ units: 1 })] },
    /units: 2 \}\) behind pool\(\), for outputs: 2, got 1 numbers a text/,
  ],
  ['no tolerance', { task: 'regress', tolerance: 0, layers: [] }, /^tolerance/],
  ['tolerance of labels', { labels, tolerance: 1, layers: [E, pool(), D] }, /"tolerance" cannot act/],
  [
    'crf() to classify',
    { labels, layers: [E, D, crf(), pool()] },
    /^crf\(\): expected to be the last layer of a model with the task 'tag', got the task 'classify'/,
  ],
  ['crf() not last', { task: 'tag', labels, layers: [E, D, crf(), D] }, /^crf\(\): .* got a layer behind it/],
  [
    'a language model without neighbours()',
    { task: 'language', layers: [E, lstm()] },
    /embedding\(\{ size: 8 \}\) first and neighbours\(\{ size: 8 \}\) last, got embedding\(8\), lstm\(64\)/,
  ],
  [
    'guesses of another size',
    { task: 'language', layers: [E, lstm(), neighbours({ size: 9 })] },
    /neighbours\(\{ size: 8 \}\) last/,
  ],
  [
    'guesses of what has been read',
    { task: 'language', layers: [E, lstm({ bidirectional: true }), lstm(), neighbours({ size: 8 })] },
    /^neighbours\(\): .* got layers that know the whole text/,
  ],
  [
    'guesses of what a graph has seen',
    { task: 'language', layers: [E, graphConvolution({ units: 8 }), lstm(), neighbours({ size: 8 })] },
    /^neighbours\(\): .* got layers that know the whole text/,
  ],
  [
    'labels from numbers',
    { labels, layers: [numbers({ features: 2 }), pool(), D] },
    /^numbers\(\): expected the task 'regress'/,
  ],
  [
    'a tokenizer of numbers',
    { task: 'regress', tokenizer: {}, layers: [numbers({ features: 2 }), pool(), dense({ units: 1 })] },
    /"tokenizer" cannot act with numbers/,
  ],
  [
    'numbers() behind a layer',
    { task: 'regress', layers: [E, numbers({ features: 2 })] },
    /^numbers\(\): .* can only be the first/,
  ],
])('a model: %s', (_, options, message) => {
  expect(() => modelConfig(options)).toThrow(UsageError);
  expect(() => modelConfig(options)).toThrow(message);
});

const models = { tag: await tagger(), regress: await adder(), language: await reader() };

test.each<[keyof typeof models, string, Row[], RegExp]>([
  ['tag', 'no words', [{ words: [], tags: [] }], /^row 1 has no words/],
  ['tag', 'a text', toyRows(2), /^row 1 has no words: expected a list of words, got nothing/],
  [
    'tag',
    'fewer tags than words',
    [...toySentences(1), { words: ['a', 'dog'], tags: ['D'] }],
    /^row 2 has 2 words: expected as many tags, got 1/,
  ],
  ['tag', 'no tags', [{ words: ['a'] } as never], /^row 1 has 1 words: expected as many tags, got nothing/],
  [
    'tag',
    'an unknown tag',
    [{ words: ['a', 'dog'], tags: ['D', 'X'] }],
    /^row 1, word 2 \("dog"\) has the tag "X": expected one of 'N', 'V', 'D'/,
  ],
  [
    'tag',
    'an empty word',
    [{ words: ['a', ''], tags: ['D', 'N'] }],
    /^row 1, word 2: expected a word, without white space, got ""/,
  ],
  ['tag', 'two words in one', [{ words: ['a dog'], tags: ['N'] }], /without white space, got "a dog"/],
  [
    'tag',
    'more words than the model reads',
    [{ words: Array(11).fill('a'), tags: Array(11).fill('D') }],
    /^row 1 has 11 words: expected at most 10, the model's maxLength/,
  ],
  [
    'regress',
    'no values',
    [{ text: 'a', target: 1 }],
    /^row 1 has no values: expected a list of vectors \[2\]/,
  ],
  [
    'regress',
    'a short vector',
    [{ values: [[1, 2], [1]], target: 1 }],
    /^row 1, step 2: expected 2 finite numbers, got \[1\]/,
  ],
  ['regress', 'NaN', [{ values: [[1, Number.NaN]], target: 1 }], /^row 1, step 1/],
  [
    'regress',
    'an endless target',
    [{ values: [[1, 2]], target: Number.POSITIVE_INFINITY }],
    /^row 1: expected a finite number as its target, got Infinity/,
  ],
  ['regress', 'two targets', [{ values: [[1, 2]], target: [1, 2] }], /^row 1: expected a finite number/],
  ['language', 'no text', [{} as never], /^row 1 has no text/],
  ['language', 'texts of one word', [{ text: 'a' }, { text: '' }], /no text has two words/],
])('rows of a model to %s: %s', (task, _, rows, message) => {
  const call = () => train(models[task], rows);
  expect(call).toThrow(DataError);
  expect(call).toThrow(message);
});

test.each<[keyof typeof models, Row[], TrainOptions, RegExp]>([
  ['tag', toySentences(4), { classWeights: { N: 2 } }, /"classWeights" cannot act on this model.*crf/],
  ['tag', toySentences(4), { labelSmoothing: 0.1 }, /"labelSmoothing" cannot act/],
  ['regress', toySums(4), { classWeights: 'balanced' }, /"classWeights" cannot act/],
  ['tag', toySentences(4), { mixup: 0.2 }, /"mixup" cannot act/],
  ['regress', toySums(4), { mixup: 0.2 }, /"mixup" cannot act/],
  ['regress', toySums(4), { wordDropout: 0.1 }, /"wordDropout" cannot act/],
  ['language', toyTexts(4), { labelSmoothing: 0.1 }, /"labelSmoothing" cannot act/],
])('an option that cannot act on a model to %s', (task, rows, options, message) => {
  expect(() => train(models[task], rows, options)).toThrow(UsageError);
  expect(() => train(models[task], rows, options)).toThrow(message);
});

test('asking a model for what it was not made for', async () => {
  const tags = await tagger();
  await trainOn(tags, toySentences(20), { epochs: 1 });
  expect(() => predict(tags, 'a dog')).toThrow(/^predict\(\): .*'classify', got 'tag'. Use tag\(\)/);
  expect(() => stream(tags)).toThrow(UsageError);
  expect(() => tag(tags, Array(11).fill('a'))).toThrow(/^text 1 has 11 words: expected at most 10/);
  expect(() => tagAll(tags, 'a dog' as never)).toThrow(/^tagAll\(\): expected a list of lists/);
  const sums = await adder();
  await trainOn(sums, toySums(20), { epochs: 1 });
  expect(() => tag(sums, ['a'])).toThrow(/Use estimate\(\)/);
  expect(() => estimate(sums, 'a' as never)).toThrow(/^input 1 has no values/);
  expect(() => estimateAll(sums, 3 as never)).toThrow(UsageError);
  expect(() => estimate(sums, [[1]])).toThrow(/^input 1, step 1: expected 2 finite numbers/);
  const classifier = await trainedModel();
  expect(() => tag(classifier, ['a'])).toThrow(/Use predict\(\)/);
});
