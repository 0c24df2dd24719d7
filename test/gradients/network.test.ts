import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Corpus } from '../../src/data/dataset.ts';
import { attention } from '../../src/layers/attention.ts';
import { attentionPool } from '../../src/layers/attention-pool.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import { gru } from '../../src/layers/gru.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { layerNorm } from '../../src/layers/layer-norm.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { positions } from '../../src/layers/positions.ts';
import { rnn } from '../../src/layers/rnn.ts';
import { type ModelConfig, modelConfig } from '../../src/model/config.ts';
import { edgesOf, listParameters } from '../../src/model/network-plan.ts';
import { encodeInputs, inputsOf, type LabelledText } from '../../src/model/rows.ts';
import { targetsOf } from '../../src/model/targets.ts';
import { type Encoder, encoderOf } from '../../src/text/encoder.ts';
import { tokenizerOptions } from '../../src/text/options.ts';
import { vocabularyFrom } from '../../src/text/vocabulary.ts';
import { wordListOf } from '../../src/text/word-list.ts';
import { trainerOf } from '../../src/train/trainer.ts';
import { gelu, relu, tanh } from '../reference/activation.ts';
import { attentionForward } from '../reference/attention.ts';
import { gruStep, rnnStep, walkCell } from '../reference/cells.ts';
import { denseForward } from '../reference/dense.ts';
import { embeddingForward } from '../reference/embedding.ts';
import { edgeWeights, graphForward, windowWeights } from '../reference/graph.ts';
import { sigmoidCrossEntropy, softmaxCrossEntropy } from '../reference/loss.ts';
import { lstmForward, type Matrix, type Vector } from '../reference/lstm.ts';
import { mixRows } from '../reference/mixup.ts';
import {
  type Affine,
  batchNormForward,
  batchNormInverseForward,
  batchStatistics,
  layerNormForward,
  type Statistics,
} from '../reference/norm.ts';
import { poolLastForward, poolMaxForward, poolMeanForward } from '../reference/pool.ts';
import { sinusoid } from '../reference/positions.ts';
import { headOf, scoreForward, weighForward } from '../reference/score.ts';
import { Tape } from '../reference/tape.ts';
import { Arena, testNumbers } from '../support/arena.ts';
import { looking, trainerOptions, wholeBatch } from '../support/trainers.ts';
import { differenceError } from './difference.ts';

// Of the largest element of each parameter's gradient. Measured: 8.0e-7.
const TOLERANCE = 2e-6;
// Normalising a batch, or scores, takes away what they have in common, and with it most of the gradient. Measured: 3.6e-6.
const TOLERANCE_NORMALISED = 5e-6;

const module = new WebAssembly.Module(readFileSync(new URL('../../build/gatelet.wasm', import.meta.url)));
// Known words, unknown words (bags of n-grams that share buckets), an empty text; unsorted, one word repeated.
const tokenizer = tokenizerOptions({ buckets: 7, ngrams: [2, 3] });
const vocabulary = vocabularyFrom(wordListOf('a\njoy\ndull\nplot'), tokenizer);
const texts = ['a dull plot', '', 'joy joyful a joy unheard', 'plotless', 'a plot of joy'];
// Where rows give edges: some come twice, some texts have none; the empty text has a word there.
const edges = ['02', '', '31 10 41 01', '', '01 12 23'].map((text) =>
  text
    .split(' ')
    .map((pair) => [...pair].map(Number))
    .filter(({ length }) => length > 0),
);

type Parameters = Record<string, Matrix>;

/** The network in float64, layer by layer; `of` holds its parameters by their names in the file. */
function twin(layers: readonly Layer[], of: Parameters, rows: number[][][]): Matrix {
  let sequences: Matrix[] = [];
  let vectors: Matrix = [];
  let reverseFrom = 0;
  const norms: { affine: Affine; statistics: Statistics }[] = [];
  layers.forEach(({ kind, options }, i) => {
    const parameter = (name: string) => of[`layers.${i}.${kind}.${name}`];
    if (kind === 'embedding') {
      sequences = rows.map((bags) => embeddingForward(parameter('weight'), bags));
    } else if (kind === 'lstm') {
      const H = options.size as number;
      const run = (direction: 'forward' | 'reverse') => {
        const [weightIH, weightHH, [bias]] = ['weightIH', 'weightHH', 'bias'].map((name) =>
          parameter(`${direction}.${name}`),
        );
        const zero = sequences.map(() => ({ h: Array<number>(H).fill(0), c: Array<number>(H).fill(0) }));
        return lstmForward(sequences, zero, { weightIH, weightHH, bias }, direction === 'reverse');
      };
      const [ahead, back] = [run('forward'), options.bidirectional ? run('reverse') : undefined];
      sequences = ahead.map((steps, b) => steps.map(({ h }, t) => [...h, ...(back?.[b][t].h ?? [])]));
      reverseFrom = H;
    } else if (kind === 'gru' || kind === 'rnn') {
      sequences = cell(layers[i], (name) => parameter(`forward.${name}`).flat(), sequences);
      reverseFrom = options.size as number;
    } else if (kind === 'pool') {
      vectors = {
        last: () => poolLastForward(sequences, reverseFrom),
        mean: () => poolMeanForward(sequences),
        max: () => poolMaxForward(sequences).y,
      }[options.over as 'last' | 'mean' | 'max']();
    } else if (kind === 'attention' && (options.query === 'learned' || options.query === 'last')) {
      vectors = pooled(layers[i], parameter, sequences, poolLastForward(sequences, reverseFrom));
    } else if (kind === 'attention') {
      const [weightQKV, [biasQKV]] = [parameter('weightQKV'), parameter('biasQKV')];
      const [weightOut, [biasOut]] = [parameter('weightOut'), parameter('biasOut')];
      const qkv = sequences.map((sequence) => denseForward(sequence, weightQKV, biasQKV));
      const answers = attentionForward(qkv, options.heads as number);
      sequences = answers.map((sequence) => denseForward(sequence, weightOut, biasOut));
      reverseFrom = weightOut.length;
      if (options.query === 'mean') vectors = poolMeanForward(sequences);
    } else if (kind === 'graphConvolution') {
      const words = rows.map((bags) => bags.map((bag) => Number(bag.join(''))));
      const window = (options.window ?? 2) as number;
      const weights = (b: number) =>
        options.edges === 'given' ? edgeWeights(words[b].length, edges[b]) : windowWeights(words[b], window);
      const mixed = sequences.map((text, b) => graphForward(weights(b), text));
      sequences = mixed.map((text) =>
        denseForward(text, parameter('weight'), parameter('bias')[0]).map((row) => row.map(Math.tanh)),
      );
      reverseFrom = parameter('weight').length;
    } else if (kind === 'positions') {
      const place = (t: number, C: number) =>
        options.kind === 'learned' ? parameter('weight')[t] : sinusoid(t, C);
      sequences = sequences.map((sequence) =>
        sequence.map((row, t) => row.map((value, j) => value + place(t, row.length)[j])),
      );
    } else if (kind === 'attentionPool') {
      const last = poolLastForward(sequences, reverseFrom);
      const map = (of: string, rows: Matrix) =>
        denseForward(rows, parameter(`weight${of}`), of ? [] : parameter('bias')[0]);
      const asks = options.query === 'last';
      const told = asks && options.score === 'additive' ? map('Query', last) : undefined;
      const units = (sequence: Matrix, b: number) =>
        map('', sequence).map((row) => row.map((value, j) => Math.tanh(value + (told?.[b][j] ?? 0))));
      const scored = options.score === 'additive' ? sequences.map(units) : sequences;
      const queries =
        options.score === 'general'
          ? map('Query', last)
          : asks && options.score === 'dot'
            ? last
            : sequences.map(() => parameter('query')[0]);
      const weights = weighForward(scoreForward(queries, scored));
      vectors = sequences.map((sequence, b) =>
        sequence[0].map((_, j) => sequence.reduce((sum, row, t) => sum + weights[b][t] * row[j], 0)),
      );
    } else if (kind === 'batchNormInverse') {
      const { affine, statistics } = norms.pop()!;
      const undo = (rows: Matrix) => batchNormInverseForward(rows, affine, statistics);
      if (vectors.length > 0) vectors = undo(vectors);
      else sequences = sequences.map(undo);
    } else if (kind.endsWith('Norm')) {
      const [[gamma], [beta]] = [parameter('gamma'), parameter('beta')];
      const normalise = (rows: Matrix) => {
        if (kind === 'layerNorm') return layerNormForward(rows, { gamma, beta }, 1e-5);
        const running = { mean: parameter('mean')[0], variance: parameter('variance')[0] };
        const statistics = batchStatistics(rows, running, { most: 1, shift: 0 }, 1e-5);
        norms.push({ affine: { gamma, beta }, statistics });
        return batchNormForward(rows, { gamma, beta }, statistics);
      };
      if (vectors.length > 0) vectors = normalise(vectors);
      else {
        const rows = normalise(sequences.flat());
        sequences = sequences.map((sequence) => rows.splice(0, sequence.length));
      }
    } else {
      const activate = { none: (z: number) => z, relu, tanh, gelu }[
        options.activation as 'none' | 'relu' | 'tanh' | 'gelu'
      ];
      const [weight, [bias]] = [parameter('weight'), parameter('bias')];
      const apply = (x: Vector) =>
        weight.map((row, o) => activate(row.reduce((sum, w, k) => sum + w * x[k], bias[o])));
      if (vectors.length > 0) vectors = vectors.map(apply);
      else {
        sequences = sequences.map((sequence) => sequence.map(apply));
        reverseFrom = weight.length;
      }
    }
  });
  return vectors;
}

/** Multi-head attention for one query a text. */
function pooled(
  { options }: Layer,
  parameter: (name: string) => Matrix,
  sequences: Matrix[],
  last: Matrix,
): Matrix {
  const heads = options.heads as number;
  const [weightOut, [biasOut]] = [parameter('weightOut'), parameter('biasOut')];
  const C = weightOut.length;
  const zero = new Array<number>(C).fill(0);
  const isLast = options.query === 'last';
  const weight = parameter(isLast ? 'weightQKV' : 'weightKV').slice(isLast ? C : 0);
  const bias = isLast ? parameter('biasQKV')[0] : [...zero, ...parameter('biasKV')[0]];
  const queries = isLast
    ? denseForward(last, parameter('weightQKV').slice(0, C), bias.slice(0, C))
    : sequences.map(() => parameter('query')[0]);
  const keys = sequences.map((rows) => denseForward(rows, weight.slice(0, C), bias.slice(C, 2 * C)));
  const values = sequences.map((rows) => denseForward(rows, weight.slice(C), bias.slice(2 * C)));
  const scale = Math.sqrt(heads / C);
  const answers = Array.from({ length: heads }, (_, h) => {
    const asked = headOf(queries, heads, h).map((row) => row.map((value) => value * scale));
    const weights = weighForward(
      scoreForward(
        asked,
        keys.map((rows) => headOf(rows, heads, h)),
      ),
    );
    return values.map((rows, b) => {
      const own = headOf(rows, heads, h);
      return own[0].map((_, j) => own.reduce((sum, row, t) => sum + weights[b][t] * row[j], 0));
    });
  });
  return denseForward(
    sequences.map((_, b) => answers.flatMap((head) => head[b])),
    weightOut,
    biasOut,
  );
}

/** A recurrent layer of one direction, step by step. */
function cell({ kind, options }: Layer, of: (name: string) => Vector, sequences: Matrix[]): Matrix[] {
  const { size, reset, activation } = options as Record<string, never>;
  const step = kind === 'gru' ? gruStep(reset) : rnnStep(activation);
  const names = ['weightIH', 'weightHH', 'bias', ...(reset === 'after' ? ['biasHN'] : [])];
  return sequences.map((sequence) => {
    const tape = new Tape();
    const parameters = Object.fromEntries(names.map((name) => [name, tape.variable(of(name))]));
    const zero = { h: tape.variable(new Array<number>(size).fill(0)) };
    const x = sequence.map((row) => tape.variable(row));
    return walkCell(tape, step, parameters, x, zero, false).map(({ h }) => h.value);
  });
}

/** Rows as a packed batch has them: the longest first, equals as they come. */
function packedOrder(starts: Int32Array): number[] {
  const length = (row: number) => starts[row + 1] - starts[row];
  return texts.map((_, row) => row).sort((a, b) => length(b) - length(a));
}

/** With which row each is mixed in the first step, and by which share. */
function mixOf({ seed, layers }: ModelConfig, alpha: number, order: number[]) {
  const arena = new Arena();
  const [partners, share] = [arena.putInts(order.length), arena.putFloats(1)];
  arena.kernels.permutation(partners, order.length, seed, layers.length, 1);
  arena.kernels.drawMixShare(share, alpha, seed, layers.length + 0x4000, 1);
  const places = arena.takeInts(partners, order.length);
  const partnerOf = texts.map((_, row) => order[places[order.indexOf(row)]]);
  return { partners: partnerOf, share: arena.takeFloats(share, 1)[0] };
}

/** Rows of the embedding table that each word of each text shows. */
function bagsOf(encoder: Encoder, { tokens, starts }: Corpus): number[][][] {
  return texts.map((_, row) =>
    [...tokens.subarray(starts[row], starts[row + 1])].map((type) => [
      ...encoder.bagIds.subarray(encoder.bagStart[type], encoder.bagStart[type + 1]),
    ]),
  );
}

const cases: [string, string[], Layer[]][] = [
  [
    'two bidirectional LSTMs, last, three labels',
    ['a', 'b', 'c'],
    [embedding({ size: 5 }), lstm({ size: 4, bidirectional: true }), lstm({ size: 3, bidirectional: true })],
  ],
  [
    'dense between words and between LSTMs, mean, two labels',
    ['a', 'b'],
    [
      embedding({ size: 3 }),
      dense({ units: 6, activation: 'tanh' }),
      lstm({ size: 4, bidirectional: true }),
      dense({ units: 5, activation: 'relu' }),
      lstm({ size: 9 }),
    ],
  ],
  ['one LSTM, max, three labels', ['a', 'b', 'c'], [embedding({ size: 9 }), lstm({ size: 7 })]],
  [
    'attention between words and behind an LSTM, mean, two labels',
    ['a', 'b'],
    [embedding({ size: 6 }), attention({ heads: 2 }), lstm({ size: 9 }), attention({ heads: 3 })],
  ],
  [
    'an LSTM, attention for the mean, two labels',
    ['a', 'b'],
    [embedding({ size: 5 }), lstm({ size: 6 }), attention({ heads: 3, query: 'mean' })],
  ],
  ...(['learned', 'last'] as const).map((query): [string, string[], Layer[]] => [
    `two directions, attention for a query, ${query} asks, three labels`,
    ['a', 'b', 'c'],
    [embedding({ size: 5 }), lstm({ size: 3, bidirectional: true }), attention({ heads: 3, query })],
  ]),
  [
    'attention for the mean, three labels',
    ['a', 'b', 'c'],
    [embedding({ size: 10 }), attention({ heads: 2, query: 'mean' })],
  ],
  [
    'normalised words, states and vectors, last, three labels',
    ['a', 'b', 'c'],
    [
      embedding({ size: 5 }),
      layerNorm(),
      lstm({ size: 4, bidirectional: true }),
      batchNorm(),
      lstm({ size: 6 }),
    ],
  ],
  [
    'a network between normalised and denormalised words, pairs in each other, last, two labels',
    ['a', 'b'],
    [
      ...[embedding({ size: 4 }), batchNorm(), dense({ units: 5, activation: 'tanh' }), batchNorm()],
      ...[lstm({ size: 5 }), batchNormInverse(), dense({ units: 4 }), batchNormInverse()],
    ],
  ],
  ['words normalised over the batch, mean, two labels', ['a', 'b'], [embedding({ size: 4 }), batchNorm()]],
  [
    'learnt positions, gelu, a pooling by units, two labels',
    ['a', 'b'],
    [
      embedding({ size: 4 }),
      positions({ kind: 'learned', longest: 8 }),
      dense({ units: 5, activation: 'gelu' }),
      attentionPool(),
    ],
  ],
  ...(['additive', 'dot', 'general'] as const).map((score): [string, string[], Layer[]] => [
    `waves, two directions, the last state asks, ${score}, three labels`,
    ['a', 'b', 'c'],
    [
      embedding({ size: 5 }),
      positions(),
      lstm({ size: 3, bidirectional: true }),
      attentionPool({ score, query: 'last', ...(score === 'additive' && { size: 9 }) }),
    ],
  ]),
  [
    'graphs of words and of states, max, three labels',
    ['a', 'b', 'c'],
    [
      embedding({ size: 4 }),
      graphConvolution({ units: 5, activation: 'tanh' }),
      lstm({ size: 3 }),
      graphConvolution({ units: 3, window: 1, activation: 'tanh' }),
    ],
  ],
  [
    'given edges between words and between states, max, two labels',
    ['a', 'b'],
    [
      embedding({ size: 4 }),
      graphConvolution({ units: 5, edges: 'given', activation: 'tanh' }),
      lstm({ size: 3 }),
      graphConvolution({ units: 3, edges: 'given', activation: 'tanh' }),
    ],
  ],
  [
    'a learnt query, two labels',
    ['a', 'b'],
    [embedding({ size: 5 }), lstm({ size: 5 }), attentionPool({ score: 'dot' })],
  ],
  [
    'RNN between two GRUs, last, three labels',
    ['a', 'b', 'c'],
    [embedding({ size: 5 }), gru({ size: 4 }), rnn({ size: 6 }), gru({ size: 3, reset: 'before' })],
  ],
  [
    'mixed texts, an LSTM, max, three labels',
    ['a', 'b', 'c'],
    [embedding({ size: 4 }), lstm({ size: 3, bidirectional: true })],
  ],
  ['mixed texts, a GRU, mean, two labels', ['a', 'b'], [embedding({ size: 4 }), gru({ size: 3 })]],
  // Pooling reads the distinct words of the batch directly, without an LSTM to spread them.
  ['no LSTM, mean, two labels', ['a', 'b'], [embedding({ size: 4 })]],
  ['no LSTM, max, three labels', ['a', 'b', 'c'], [embedding({ size: 4 }), dense({ units: 3 })]],
];

describe.each(cases)('%s', (name, labels, layers) => {
  const over = (['last', 'mean', 'max'] as const).find((kind) => name.includes(`, ${kind},`));
  const units = labels.length === 2 ? 1 : labels.length;
  const behind = [
    ...(over ? [pool({ over })] : []),
    dense({ units: 6, activation: 'tanh' }),
    dense({ units }),
  ];
  if (name.includes('vectors')) behind.splice(1, 0, batchNorm(), layerNorm());
  const config = modelConfig({ labels, layers: [...layers, ...behind], tokenizer, maxLength: 8 });

  const encoder = encoderOf(vocabulary, config.maxLength);
  const given = edgesOf(layers) > 0;
  const rows = texts.map((text, row) => ({
    ...(given ? { words: (text || 'wordless').split(' '), edges: edges[row] } : { text }),
    label: labels[row % labels.length],
  })) as (LabelledText & { label: string })[];
  const corpus = encodeInputs(config, encoder, inputsOf(config, rows, 'row'));
  const classWeights = labels.map((_, k) => 0.5 + k);
  const mixup = name.includes('mixed texts') ? 1 : 0;
  const objective = { labelSmoothing: 0.125, classWeights, mixup };

  const specs = listParameters(config.layers, vocabulary.tableRows);
  // The seed keeps clear of the corners of relu and max, where nothing has a derivative.
  const numbers = testNumbers(5);
  const of: Parameters = Object.fromEntries(
    specs.map((spec): [string, Matrix] => {
      const [count, width] = spec.shape.length === 2 ? spec.shape : [1, spec.shape[0]];
      const low = spec.name.endsWith('.variance') ? 0.25 : -0.75;
      return [spec.name, Array.from({ length: count }, () => [...numbers.floats(width, low, 0.75)])];
    }),
  );

  const limits = { maxSequences: texts.length, maxRows: corpus.tokens.length };
  const options = trainerOptions(config, { optimizer: looking, objective });
  const trainer = trainerOf(module, config, vocabulary, limits, options);
  trainer.network.weights.set(specs.flatMap((spec) => of[spec.name].flat()));
  const { loss } = trainer.step(wholeBatch(corpus, targetsOf(config, rows)), 1, 0.1);
  // Running statistics take no part in the loss of a training step, and an optimiser sees nothing of them.
  const weights = specs.filter(({ name }) => !/\.(mean|variance)$/.test(name));
  let block = trainer.moments;
  const gradients: Parameters = {};
  for (const { name, shape, size } of weights) {
    const width = shape[shape.length - 1];
    gradients[name] = of[name].map((_, r) => [...block.subarray(r * width, (r + 1) * width)]);
    block = block.subarray(size);
  }

  const bags = bagsOf(encoder, corpus);
  const twinLoss = () => {
    const own = twin(config.layers, of, bags);
    const targets = rows.map(({ label }) => labels.indexOf(label));
    const scale = 1 / targets.reduce((sum, target) => sum + classWeights[target], 0);
    const lossBy = (logits: Matrix, targets: number[]) => {
      if (units > 1) return softmaxCrossEntropy(logits, targets, classWeights, 0.125, scale).loss;
      const [negative, positive] = classWeights.map((weight) => [weight]);
      const shares = targets.map((target) => [target]);
      return sigmoidCrossEntropy(logits, shares, negative, positive, 0.125, scale).loss;
    };
    if (mixup === 0) return lossBy(own, targets);
    const { partners, share } = mixOf(config, mixup, packedOrder(corpus.starts));
    const logits = mixRows(own, partners, share);
    const others = partners.map((row) => targets[row]);
    return share * lossBy(logits, targets) + (1 - share) * lossBy(logits, others);
  };

  test('the loss is that of the float64 network', () => {
    expect(Math.abs(loss / twinLoss() - 1)).toBeLessThan(2e-7);
  });

  test.each(weights.map((spec) => spec.name))('the gradient of %s is the derivative', (parameter) => {
    const error = differenceError(of[parameter], gradients[parameter], twinLoss);
    expect(error).toBeLessThan(/normalised|asks/.test(name) ? TOLERANCE_NORMALISED : TOLERANCE);
  });
});
