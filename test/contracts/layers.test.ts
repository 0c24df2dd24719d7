import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { adversarial } from '../../src/layers/adversarial.ts';
import { attention } from '../../src/layers/attention.ts';
import { attentionPool } from '../../src/layers/attention-pool.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { crf } from '../../src/layers/crf.ts';
import { dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import { gru } from '../../src/layers/gru.ts';
import type { Layer, Parameter } from '../../src/layers/layer.ts';
import { layerNorm } from '../../src/layers/layer-norm.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { minGru } from '../../src/layers/min-gru.ts';
import { minLstm } from '../../src/layers/min-lstm.ts';
import { neighbours } from '../../src/layers/neighbours.ts';
import { numbers } from '../../src/layers/numbers.ts';
import { penalty } from '../../src/layers/penalty.ts';
import { pool } from '../../src/layers/pool.ts';
import { positions } from '../../src/layers/positions.ts';
import { rnn } from '../../src/layers/rnn.ts';
import { transformer } from '../../src/layers/transformer.ts';
import { planNetwork } from '../../src/model/network-plan.ts';
import { LAYERS, restoreLayer } from '../../src/model/registry.ts';
import type { Argument } from '../../src/runtime/plan.ts';
import { parse, root } from '../support/source.ts';

/** What an argument points at, perhaps some way into it. */
const blockOf = (argument: Argument) =>
  typeof argument === 'object' && 'block' in argument ? argument.block : argument;

/** Exported functions of a file that return a layer. */
function layersIn(file: string): string[] {
  return parse(`src/layers/${file}`).statements.flatMap((statement) =>
    ts.isFunctionDeclaration(statement) &&
    statement.type?.getText() === 'Layer' &&
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      ? [statement.name!.text]
      : [],
  );
}

const files = readdirSync(join(root, 'src/layers'));
const names = files.flatMap(layersIn);

test('every layer has a file of its own name, and is in the registry', () => {
  expect([...names].sort()).toEqual(Object.keys(LAYERS).sort());
  for (const file of files) {
    const own = layersIn(file);
    if (own.length > 0)
      expect(own).toEqual([basename(file, '.ts').replace(/-./g, (part) => part[1].toUpperCase())]);
  }
});

test('every layer and the type of its options are public', () => {
  const exported = parse('src/index.ts').statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements.map((element) => element.name.text)
      : [],
  );
  for (const name of names) {
    expect(exported).toContain(name);
    expect(exported).toContain(`${name[0].toUpperCase()}${name.slice(1)}Options`);
  }
});

test.each<[keyof typeof LAYERS, Layer]>([
  ['embedding', embedding({ size: 7, dropout: 0.1 })],
  ['lstm', lstm({ size: 9, bidirectional: true })],
  ['lstm', lstm({ size: 9, norm: 'batch', normSteps: 7 })],
  ['gru', gru({ size: 9, bidirectional: true, reset: 'before', zoneout: 0.1 })],
  ['rnn', rnn({ size: 9, activation: 'relu', weightDrop: 0.5 })],
  ['minGru', minGru({ size: 9, bidirectional: true })],
  ['minLstm', minLstm({ size: 9 })],
  ['dropout', dropout({ rate: 0.25, per: 'text' })],
  ['adversarial', adversarial({ epsilon: 0.5 })],
  ['penalty', penalty({ activation: 1, change: 0 })],
  ['pool', pool({ over: 'max' })],
  ['dense', dense({ units: 3, activation: 'tanh' })],
  ['numbers', numbers({ features: 3 })],
  ['crf', crf()],
  ['neighbours', neighbours({ size: 7 })],
  ['attention', attention({ heads: 2, query: 'mean' })],
  ['attentionPool', attentionPool({ score: 'additive', query: 'last', size: 3 })],
  ['transformer', transformer({ heads: 2, hidden: 9, dropout: 0.25 })],
  ['graphConvolution', graphConvolution({ units: 3, window: 5, activation: 'tanh' })],
  ['graphConvolution', graphConvolution({ units: 3, edges: 'given', maxEdges: 4 })],
  ['positions', positions({ kind: 'learned', longest: 9 })],
  ['batchNorm', batchNorm({ momentum: 0.5, epsilon: 1e-3, renorm: true })],
  ['batchNormInverse', batchNormInverse()],
  ['layerNorm', layerNorm({ epsilon: 1e-3 })],
])('%s comes back from the file with all its options', (kind, layer) => {
  expect(layer.kind).toBe(kind);
  const { options } = restoreLayer(JSON.parse(JSON.stringify({ kind, options: layer.options })));
  expect(options).toEqual(layer.options);
});

describe('int8 weights', () => {
  const norms = [batchNorm(), batchNormInverse(), layerNorm()];
  const between = [positions({ kind: 'learned' }), transformer(), ...norms, attention()];
  const recurrent = [lstm({ bidirectional: true }), gru(), rnn(), minGru(), minLstm()];
  const stacks: readonly [number, readonly Layer[]][] = [
    [
      19,
      [
        embedding(),
        adversarial(),
        dropout(),
        penalty(),
        ...recurrent,
        ...between,
        pool(),
        dense({ units: 3 }),
      ],
    ],
    [4, [embedding(), lstm(), neighbours()]],
    [1, [numbers({ features: 2 }), dense({ units: 3 }), crf()]],
    [4, [embedding(), attention({ query: 'learned' }), dense({ units: 3 })]],
    [4, [embedding(), attention({ query: 'last' }), dense({ units: 3 })]],
    [5, [embedding(), graphConvolution({ units: 4 }), attentionPool({ query: 'last' }), dense({ units: 3 })]],
  ];

  test('are tried in every layer', () => {
    const kinds = new Set(stacks.flatMap(([, layers]) => layers.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(Object.keys(LAYERS).sort());
  });

  test.each(stacks)('%i matrices are read, and by kernels made for them', (count, layers) => {
    const spec = { layers, tableRows: 10, maxBag: 2, seed: 1, weights: 'i8' } as const;
    const limits = { maxSequences: 1, maxRows: 8 };
    const module = new WebAssembly.Module(readFileSync(join(root, 'build/gatelet.wasm')));
    const { calls, parameters } = planNetwork(module, spec, 'predict', limits, () => undefined);
    const readers = ({ value }: Parameter) =>
      [...calls.prepare, ...calls.forward].filter(({ args }) => args.map(blockOf).includes(value));
    const int8 = parameters.filter(({ shape }) => shape.length === 2);
    expect(int8.length).toBe(count);
    for (const parameter of int8) {
      expect(parameter.value.region).toBe('quantised');
      const isLookedUp = /\.(embedding|positions)\.weight$/.test(parameter.value.name);
      expect(parameter.maps !== undefined, parameter.value.name).toBe(!isLookedUp);
      const kernels = readers(parameter).map(({ kernel }) => kernel);
      expect(kernels.length).toBeGreaterThan(0);
      for (const kernel of kernels) expect(kernel).toMatch(/Quantised$/);
    }
  });
});
