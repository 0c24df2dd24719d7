import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { crf as crfLayer } from '../../src/layers/crf.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { neighbours } from '../../src/layers/neighbours.ts';
import { numbers } from '../../src/layers/numbers.ts';
import { pool } from '../../src/layers/pool.ts';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { listParameters } from '../../src/model/network-plan.ts';
import { encodeInputs, inputsOf, type NumberRow, type Row, type TaggedWords } from '../../src/model/rows.ts';
import { targetsOf } from '../../src/model/targets.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { tokenizerOptions } from '../../src/text/options.ts';
import { vocabularyFrom } from '../../src/text/vocabulary.ts';
import { wordListOf } from '../../src/text/word-list.ts';
import { trainerOf } from '../../src/train/trainer.ts';
import { crf } from '../reference/crf.ts';
import { embeddingForward } from '../reference/embedding.ts';
import { softmaxCrossEntropy, squaredError } from '../reference/loss.ts';
import { lstmForward, type Matrix, type Vector } from '../reference/lstm.ts';
import { wordCrossEntropy } from '../reference/words.ts';
import { testNumbers } from '../support/arena.ts';
import { looking, trainerOptions, wholeBatch } from '../support/trainers.ts';
import { differenceError } from './difference.ts';

// Of the largest element of each parameter's gradient.
const TOLERANCE = 2e-6;

const module = new WebAssembly.Module(readFileSync(new URL('../../build/gatelet.wasm', import.meta.url)));
const tokenizer = tokenizerOptions({ buckets: 7, ngrams: [2, 3] });
const vocabulary = vocabularyFrom(wordListOf('a\njoy\ndull\nplot'), tokenizer);
const LABELS = ['N', 'V', 'D'];
const weights = [0.5, 1.5, 2.5];

const tagged: TaggedWords[] = [
  { words: ['a', 'dull', 'plot'], tags: ['D', 'V', 'N'] },
  { words: ['joy'], tags: ['N'] },
  { words: ['joy', 'unheard', 'a', 'joy'], tags: ['N', 'V', 'D', 'N'] },
];
const texts = ['a dull plot', 'joy', 'joy unheard a joy a plot'].map((text) => ({ text }));
const sums: NumberRow[] = [
  { values: [[0.5, 1]], target: [1, -1] },
  {
    values: [
      [0.25, 0],
      [-1, 2],
      [1, 1],
    ],
    target: [0.5, 3],
  },
];

type Parameters = Record<string, Matrix>;
const linear = (weight: Matrix, bias: Vector, x: Vector) =>
  weight.map((row, o) => row.reduce((sum, w, k) => sum + w * x[k], bias[o]));

/** The states of both directions of layers.1.lstm over the sequences, apart. */
function statesOf(of: Parameters, sequences: Matrix[], H: number): Matrix[][] {
  return (['forward', 'reverse'] as const).map((direction) => {
    const [weightIH, weightHH, [bias]] = ['weightIH', 'weightHH', 'bias'].map(
      (name) => of[`layers.1.lstm.${direction}.${name}`],
    );
    const zero = sequences.map(() => ({ h: Array<number>(H).fill(0), c: Array<number>(H).fill(0) }));
    const steps = lstmForward(sequences, zero, { weightIH, weightHH, bias }, direction === 'reverse');
    return steps.map((sequence) => sequence.map(({ h }) => h));
  });
}

const beside = ([ahead, back]: Matrix[][]) =>
  ahead.map((sequence, b) => sequence.map((h, t) => [...h, ...back[b][t]]));

const read = [embedding({ size: 5 }), lstm({ size: 4, bidirectional: true })];
const tagOptions = { task: 'tag', labels: LABELS } as const;

/** The vectors of the words of each text, and which rows of the table each distinct word shows. */
function embed(of: Parameters, bags: number[][][]): Matrix[] {
  return bags.map((rows) => embeddingForward(of['layers.0.embedding.weight'], rows));
}

type Loss = (of: Parameters, bags: number[][][]) => number;
const emissions = (of: Parameters, bags: number[][][]) => {
  const [weight, [bias]] = ['weight', 'bias'].map((name) => of[`layers.2.dense.${name}`]);
  return beside(statesOf(of, embed(of, bags), 4)).map((rows) => rows.map((x) => linear(weight, bias, x)));
};
const numbersOf = (tags: readonly string[]) => tags.map((name) => LABELS.indexOf(name));
const numWords = tagged.reduce((sum, { words }) => sum + words.length, 0);

const cases: [string, Omit<ModelOptions, 'layers'>, Layer[], Row[], Loss][] = [
  [
    'tags, softmax',
    tagOptions,
    [...read, dense({ units: 3 })],
    tagged,
    (of, bags) => {
      const targets = tagged.flatMap(({ tags }) => numbersOf(tags));
      const scale = 1 / targets.reduce((sum, target) => sum + weights[target], 0);
      return softmaxCrossEntropy(emissions(of, bags).flat(), targets, weights, 0.125, scale).loss;
    },
  ],
  [
    'tags, crf',
    tagOptions,
    [...read, dense({ units: 3 }), crfLayer()],
    tagged,
    (of, bags) => {
      const [[flat], [start], [end]] = ['transitions', 'start', 'end'].map(
        (name) => of[`layers.3.crf.${name}`],
      );
      const transitions = [0, 1, 2].map((i) => flat.slice(i * 3, i * 3 + 3));
      const losses = emissions(of, bags).map(
        (logits, b) => crf(logits, numbersOf(tagged[b].tags), { transitions, start, end }).loss,
      );
      return losses.reduce((a, b) => a + b) / numWords;
    },
  ],
  [
    'words beside words',
    { task: 'language' },
    [...read, neighbours({ size: 5 })],
    texts,
    (of, bags) => {
      const keys = bags.map((rows) => rows.map((bag) => bag.join()));
      const distinct = [...new Map(bags.flat().map((bag) => [bag.join(), bag]))];
      const x = embeddingForward(
        of['layers.0.embedding.weight'],
        distinct.map(([, bag]) => bag),
      );
      const numberOf = (b: number, t: number) => distinct.findIndex(([key]) => key === keys[b][t]);
      const losses = statesOf(of, embed(of, bags), 4).map((states, d) => {
        const [weight, [bias]] = ['weight', 'bias'].map(
          (name) => of[`layers.2.neighbours.${d === 0 ? 'forward' : 'reverse'}.${name}`],
        );
        const q = states.flat().map((h) => linear(weight, bias, h));
        const targets = states.flatMap((rows, b) => rows.map((_, t) => numberOf(b, d === 0 ? t + 1 : t - 1)));
        return wordCrossEntropy(q, x, targets, 1).loss;
      });
      const guesses = 2 * bags.reduce((sum, rows) => sum + rows.length - 1, 0);
      return losses.reduce((a, b) => a + b) / guesses;
    },
  ],
  [
    'numbers',
    { task: 'regress', outputs: 2 },
    [numbers({ features: 2 }), lstm({ size: 4, bidirectional: true }), pool(), dense({ units: 2 })],
    sums,
    (of) => {
      const sequences = sums.map(({ values }) => values.map((vector) => [...vector]));
      const [ahead, back] = statesOf(of, sequences, 4);
      const [weight, [bias]] = ['weight', 'bias'].map((name) => of[`layers.3.dense.${name}`]);
      const y = ahead.map((rows, b) => linear(weight, bias, [...rows[rows.length - 1], ...back[b][0]]));
      return squaredError(
        y,
        sums.map(({ target }) => target as number[]),
        1 / 4,
      ).loss;
    },
  ],
];

describe.each(cases)('%s', (name, modelOptions, layers, rows, twin) => {
  const config = modelConfig({ ...modelOptions, layers, ...(name !== 'numbers' && { tokenizer }) });
  const encoder = encoderOf(vocabulary, config.maxLength);
  const inputs = inputsOf(config, rows, 'row');
  const corpus = encodeInputs(config, encoder, inputs);
  const specs = listParameters(layers, vocabulary.tableRows);
  const draws = testNumbers(5);
  const of: Parameters = Object.fromEntries(
    specs.map((spec): [string, Matrix] => {
      const [count, width] = spec.shape.length === 2 ? spec.shape : [1, spec.shape[0]];
      return [spec.name, Array.from({ length: count }, () => [...draws.floats(width, -0.75, 0.75)])];
    }),
  );
  const limits = { maxSequences: rows.length, maxRows: corpus.tokens.length };
  const labelSmoothing = name === 'tags, softmax' ? 0.125 : 0;
  const objective = { labelSmoothing, classWeights: weights, mixup: 0 };
  const options = trainerOptions(config, { optimizer: looking, objective });
  const trainer = trainerOf(module, config, vocabulary, limits, options);
  trainer.network.weights.set(specs.flatMap((spec) => of[spec.name].flat()));
  const { loss } = trainer.step(wholeBatch(corpus, targetsOf(config, rows)), 1, 0.1);
  let block = trainer.moments;
  const gradients: Parameters = {};
  for (const { name, shape, size } of specs) {
    const width = shape[shape.length - 1];
    gradients[name] = of[name].map((_, r) => [...block.subarray(r * width, (r + 1) * width)]);
    block = block.subarray(size);
  }

  const bags = corpus.vectors
    ? []
    : rows.map((_, r) =>
        [...corpus.tokens.subarray(corpus.starts[r], corpus.starts[r + 1])].map((type) => [
          ...encoder.bagIds.subarray(encoder.bagStart[type], encoder.bagStart[type + 1]),
        ]),
      );

  test('the loss is that of the float64 network', () => {
    expect(Math.abs(loss / twin(of, bags) - 1)).toBeLessThan(2e-7);
  });

  test.each(specs.map((spec) => spec.name))('the gradient of %s is the derivative', (parameter) => {
    const error = differenceError(of[parameter], gradients[parameter], () => twin(of, bags));
    expect(error).toBeLessThan(TOLERANCE);
  });
});
