import { describe, expect, test } from 'vitest';
import { attention } from '../../src/layers/attention.ts';
import { attentionPool } from '../../src/layers/attention-pool.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { type DenseOptions, dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { layerNorm } from '../../src/layers/layer-norm.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { penalty } from '../../src/layers/penalty.ts';
import { type PoolOptions, pool } from '../../src/layers/pool.ts';
import { positions } from '../../src/layers/positions.ts';
import { transformer } from '../../src/layers/transformer.ts';
import { modelConfig } from '../../src/model/config.ts';
import { createModel } from '../../src/model/create.ts';
import { outputShape } from '../../src/model/network-plan.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { UsageError } from '../../src/runtime/errors.ts';
import { toyRows, trainOn } from '../support/models.ts';

const config = (layers: readonly Layer[], labels = ['a', 'b']) => modelConfig({ labels, layers });

describe('a layer where it cannot stand', () => {
  const WORDS = /words\. Put an embedding\(\) layer first/;
  const VECTOR = /expected a sequence of vectors, got one vector a text. Put it before pool\(\)/;
  test.each<[string, Layer[], RegExp]>([
    ['lstm on words', [lstm(), pool(), dense({ units: 1 })], WORDS],
    ['pool on words', [pool(), dense({ units: 1 })], WORDS],
    ['dense on words', [dense({ units: 1 })], WORDS],
    ['penalty on words', [penalty(), embedding(), pool(), dense({ units: 1 })], WORDS],
    ['penalty behind pool', [embedding(), pool(), penalty(), dense({ units: 1 })], VECTOR],
    [
      'dropout by text behind pool',
      [embedding(), pool(), dropout({ per: 'text' }), dense({ units: 1 })],
      /^dropout\(\{ per: 'text' \}\) can do nothing behind pool\(\)/,
    ],
    ['dropout on words', [dropout(), embedding(), pool(), dense({ units: 1 })], WORDS],
    ['attention on words', [attention(), pool(), dense({ units: 1 })], WORDS],
    ['attention behind pool', [embedding(), pool(), attention(), dense({ units: 1 })], VECTOR],
    ['batchNorm on words', [batchNorm(), embedding(), pool(), dense({ units: 1 })], WORDS],
    ['batchNormInverse on words', [batchNormInverse(), embedding(), pool(), dense({ units: 1 })], WORDS],
    [
      'batchNormInverse of nothing',
      [embedding(), batchNorm(), batchNormInverse(), batchNormInverse(), pool(), dense({ units: 1 })],
      /^batchNormInverse\(\): expected a batchNorm\(\) before it that nothing has undone yet, got none/,
    ],
    [
      'batchNormInverse of other features',
      [embedding({ size: 5 }), batchNorm(), dense({ units: 7 }), batchNormInverse()],
      /^batchNormInverse\(\): expected 5 features, .* got 7\. Put dense\(\{ units: 5 \}\) before it/,
    ],
    ['layerNorm on words', [layerNorm(), embedding(), pool(), dense({ units: 1 })], WORDS],
    [
      'more heads than divide the features',
      [embedding({ size: 6 }), attention({ heads: 4 })],
      /^attention heads: expected a divisor of 6 features, got 4/,
    ],
    ['attentionPool on words', [attentionPool(), dense({ units: 1 })], WORDS],
    ['positions on words', [positions(), pool(), dense({ units: 1 })], WORDS],
    ['transformer behind pool', [embedding(), pool(), transformer(), dense({ units: 1 })], VECTOR],
    [
      'more words than places',
      [embedding(), positions({ kind: 'learned', longest: 9 }), pool(), dense({ units: 1 })],
      /^positions longest: expected at least maxLength, 256, got 9/,
    ],
    ['lstm behind pool', [embedding(), pool(), lstm(), dense({ units: 1 })], VECTOR],
    ['pool behind pool', [embedding(), lstm(), pool(), pool(), dense({ units: 1 })], VECTOR],
    [
      'a second embedding',
      [embedding(), embedding(), pool(), dense({ units: 1 })],
      /embedding\(\): expected words, got numbers. It can only be the first/,
    ],
    [
      'embedding behind pool',
      [embedding(), pool(), embedding()],
      /embedding\(\): expected words, got numbers/,
    ],
  ])('%s', (_, layers, message) => {
    expect(() => config(layers)).toThrow(UsageError);
    expect(() => config(layers)).toThrow(message);
  });
});

describe('the last layer', () => {
  const behind = [embedding({ size: 4 }), lstm({ size: 3 })];
  test.each<[string, Layer[], string[], RegExp]>([
    [
      'missing',
      [],
      ['a', 'b'],
      /expected dense\(\{ units: 1 \}\) behind pool\(\), for 2 labels, got no layers/,
    ],
    ['no pool', [...behind, dense({ units: 1 })], ['a', 'b'], /got a vector for each word/],
    [
      'no dense',
      [...behind, pool()],
      ['a', 'b'],
      /units: 1.*got 3 numbers a text. Two labels need one number/,
    ],
    [
      'one a label, for two',
      [...behind, pool(), dense({ units: 2 })],
      ['a', 'b'],
      /units: 1 .*got 2 numbers a text/,
    ],
    [
      'too few',
      [...behind, pool(), dense({ units: 2 })],
      ['a', 'b', 'c'],
      /units: 3 .*for 3 labels, got 2 numbers/,
    ],
  ])('%s', (_, layers, labels, message) => {
    expect(() => config(layers, labels)).toThrow(UsageError);
    expect(() => config(layers, labels)).toThrow(message);
  });
});

test.each([[undefined], ['lstm'], [[lstm]], [[embedding(), undefined]], [{ length: 1 }]])(
  'what are no layers: %j',
  (layers) => {
    expect(() => config(layers as never)).toThrow(/^layers: expected a list/);
  },
);

describe('options', () => {
  test.each<[string, () => Layer, RegExp]>([
    ['dense without units', () => dense({} as DenseOptions), /^dense units: .* got nothing/],
    ['dense of nothing', () => dense(undefined as never), /^dense\(\): expected an object of options/],
    ['dense by number', () => dense(3 as never), /^dense\(\): expected an object of options, got 3/],
    ['half a unit', () => dense({ units: 0.5 }), /^dense units/],
    [
      'an unknown activation',
      () => dense({ units: 1, activation: 'swish' as never }),
      /'none' or 'relu' or 'tanh' or 'gelu', got "swish"/,
    ],
    ['an inherited activation', () => dense({ units: 1, activation: 'toString' as never }), /activation/],
    [
      'misspelt',
      () => lstm({ hidden: 4 } as never),
      /lstm\(\) has no option 'hidden': expected size, bidirectional/,
    ],
    [
      'bidirectional as a number',
      () => lstm({ bidirectional: 1 as never }),
      /^lstm bidirectional: expected true or false/,
    ],
    ['size as text', () => lstm({ size: '64' as never }), /^lstm size: .* got "64"/],
    ['embedding beyond measure', () => embedding({ size: 5000 }), /^embedding size/],
    ['dropout of all', () => dropout({ rate: 1 }), /^dropout rate/],
    ['dropout below zero', () => dropout({ rate: -0.1 }), /^dropout rate/],
    [
      'general with a learned query',
      () => attentionPool({ score: 'general' }),
      /^attentionPool score: expected 'dot' for a learned query/,
    ],
    [
      'units that no score has',
      () => attentionPool({ score: 'dot', size: 3 }),
      /^attentionPool size: .* got 3/,
    ],
    ['a table that no waves have', () => positions({ longest: 9 }), /^positions longest: .* got 9/],
    [
      'steps of statistics that a layer norm has not',
      () => lstm({ norm: 'layer', normSteps: 9 }),
      /^lstm normSteps: expected norm 'batch', got norm 'layer'\. Only there/,
    ],
    [
      'recurrent batch norm from the end',
      () => lstm({ norm: 'batch', bidirectional: true }),
      /^a bidirectional lstm\(\) cannot have norm 'batch'/,
    ],
    [
      'recurrent batch norm with peepholes',
      () => lstm({ norm: 'batch', peepholes: true }),
      /^lstm peepholes cannot act with norm 'batch'/,
    ],
    [
      'a window of given edges',
      () => graphConvolution({ units: 4, edges: 'given', window: 2 }),
      /^graphConvolution window cannot act with edges: 'given'/,
    ],
    [
      'a bound of edges that nobody gives',
      () => graphConvolution({ units: 4, maxEdges: 2 }),
      /^graphConvolution maxEdges cannot act with edges: 'window'/,
    ],
    ['no heads', () => attention({ heads: 0 }), /^attention heads/],
    ['a batch that moves nothing', () => batchNorm({ momentum: 0 }), /^batchNorm momentum: .* got 0/],
    [
      'renorm by number',
      () => batchNorm({ renorm: 3 as never }),
      /^batchNorm renorm: expected true or false/,
    ],
    ['no epsilon', () => layerNorm({ epsilon: 0 }), /^layerNorm epsilon/],
    ['pool by name', () => pool('max' as never), /^pool\(\): expected an object of options, got "max"/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });
});

describe('shapes', () => {
  test('follow from layer to layer', () => {
    const layers = [embedding({ size: 4 }), dropout(), lstm({ size: 3, bidirectional: true })];
    expect(outputShape(layers.slice(0, 2))).toEqual({
      kind: 'sequence',
      features: 4,
      reverseFrom: 4,
      causal: true,
    });
    expect(outputShape(layers)).toEqual({ kind: 'sequence', features: 6, reverseFrom: 3, causal: true });
    expect(outputShape([...layers, dense({ units: 7 })])).toEqual({
      kind: 'sequence',
      features: 7,
      reverseFrom: 7,
    });
    expect(outputShape([...layers, pool()])).toEqual({ kind: 'vector', features: 6 });
  });

  const pools: NonNullable<PoolOptions['over']>[] = ['last', 'mean', 'max'];
  const activations: NonNullable<DenseOptions['activation']>[] = ['none', 'relu', 'tanh'];
  const stacks: [string, Layer[]][] = [
    ['nothing', []],
    ['lstm', [lstm({ size: 3 })]],
    [
      'two bidirectional',
      [lstm({ size: 3, bidirectional: true }), dropout(), lstm({ size: 9, bidirectional: true })],
    ],
  ];
  const cases = stacks.flatMap(([name, stack]) =>
    pools.flatMap((over) => activations.map((activation) => ({ name, stack, over, activation }))),
  );
  test.each(cases)(
    '$name, pool $over, dense $activation trains and predicts',
    async ({ stack, over, activation }) => {
      const model = await createModel({
        labels: ['negative', 'positive'],
        maxLength: 12,
        layers: [
          embedding({ size: 5 }),
          dense({ units: 6, activation }),
          dropout({ rate: 0.2 }),
          ...stack,
          dense({ units: 4, activation }),
          pool({ over }),
          dense({ units: 3, activation }),
          dropout({ rate: 0.2 }),
          dense({ units: 1 }),
        ],
      });
      const epochs = await trainOn(model, toyRows(20), { epochs: 3, batchSize: 7 });
      expect(epochs[2].loss).not.toBe(epochs[0].loss);
      const texts = toyRows(10, { seed: 3 }).map(({ text }) => text);
      expect(predictAll(model, texts)).toEqual(texts.map((text) => predict(model, text)));
    },
  );
});
