import { describe, expect, test } from 'vitest';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { dense } from '../../src/layers/dense.ts';
import type { Layer } from '../../src/layers/layer.ts';
import * as twin from '../reference/norm.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { LayerRun } from '../support/layer-run.ts';
import { normFixture } from './fixture.ts';

// Of the largest element of each result. Measured: 3.1e-9, the nine digits of the fixture, and 2.3e-7.
const TWIN_TOLERANCE = 5e-9;
const KERNEL_TOLERANCE = 1e-6;
const EPSILON = 1e-5;

const { batch, layer, pair } = normFixture();
const C = batch.gamma.length;
/** Layers one behind another as one layer, whose parameters must have different names. */
const inSequence = (layers: readonly Layer[]): Layer => ({
  ...{ kind: 'sequence', options: {} },
  output: (shape) => layers.reduce((of, layer) => layer.output(of), shape),
  parameters: (shape) => layers.flatMap((layer) => layer.parameters(shape, 0)),
  plan: (context, x) => layers.reduce((value, layer) => layer.plan(context, value), x),
});

const plain = { most: 1, shift: 0 };

describe('the float64 twins are PyTorch’s', () => {
  const near = (actual: number[], expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(TWIN_TOLERANCE);

  test('BatchNorm1d', () => {
    const running = { mean: new Array(C).fill(0), variance: new Array(C).fill(1) };
    for (const { x, dY, y, gradient } of batch.batches) {
      const statistics = twin.batchStatistics(x, running, plain, EPSILON);
      near(twin.batchNormForward(x, batch, statistics).flat(), y.flat());
      const own = twin.batchNormBackward(x, dY, batch, statistics);
      near(own.x.flat(), gradient.x.flat());
      near(own.gamma, gradient.gamma);
      near(own.beta, gradient.beta);
    }
  });

  test('LayerNorm', () => {
    const { x, dY, y, gradient } = layer;
    near(twin.layerNormForward(x, layer, EPSILON).flat(), y.flat());
    const own = twin.layerNormBackward(x, dY, layer, EPSILON);
    near(own.x.flat(), gradient.x.flat());
    near(own.gamma, gradient.gamma);
    near(own.beta, gradient.beta);
  });
});

test('a pair that shares its statistics is PyTorch’s', () => {
  const { x, dY, y, gradient } = pair;
  const near = (actual: ArrayLike<number>, expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(KERNEL_TOLERANCE);
  const arena = new Arena();
  const layers = [batchNorm(), dense({ units: C, activation: 'tanh' }), batchNormInverse()];
  const identity = Array.from({ length: C * C }, (_, k) => (k % (C + 1) === 0 ? 1 : 0));
  const run = new LayerRun(arena, {
    layer: inSequence(layers),
    mode: 'train',
    lengths: [x.length],
    x,
    parameters: {
      gamma: pair.gamma,
      beta: pair.beta,
      mean: new Array(C).fill(0),
      variance: new Array(C).fill(1),
      weight: identity,
      bias: new Array(C).fill(0),
    },
  });
  run.forward().backward(dY.flat());
  near(run.y, y.flat());
  near(run.dX, gradient.x.flat());
  near(run.gradientOf('gamma'), gradient.gamma);
  near(run.gradientOf('beta'), gradient.beta);
  arena.check();
});

describe('the kernels are PyTorch’s', () => {
  const near = (actual: ArrayLike<number>, expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(KERNEL_TOLERANCE);
  const zeros = (arena: Arena) => arena.putFloats(new Array(C).fill(0));

  test('BatchNorm1d: three batches, the statistics that run behind them, a prediction', () => {
    const arena = new Arena();
    const { kernels } = arena;
    const table = arena.putFloats(9 * 8);
    const [gamma, beta] = [arena.putFloats(batch.gamma), arena.putFloats(batch.beta)];
    const [mean, variance] = [zeros(arena), arena.putFloats(new Array(C).fill(1))];
    for (const { x, dY, y, gradient, running } of batch.batches) {
      const rows = x.length;
      const [given, dOut] = [arena.putMatrix(rows, C, x.flat()), arena.putMatrix(rows, C, dY.flat())];
      const [out, dX] = [arena.putMatrix(rows, C), arena.putMatrix(rows, C)];
      const sums = [zeros(arena), zeros(arena), zeros(arena), zeros(arena)] as const;
      const [dGamma, dBeta, dMean, dVariance] = sums;
      kernels.batchNormStatistics(table, given, gamma, beta, mean, variance, rows, C, EPSILON, 1, 0);
      kernels.batchNormForward(out, given, table, rows, C);
      kernels.batchNormBackward(dX, ...sums, table, dOut, given, variance, rows, C, 1);
      kernels.follow(mean, dMean, C, 0.1);
      kernels.follow(variance, dVariance, C, 0.1);
      near(arena.takeMatrix(out, rows, C), y.flat());
      near(arena.takeMatrix(dX, rows, C), gradient.x.flat());
      near(arena.takeFloats(dGamma, C), gradient.gamma);
      near(arena.takeFloats(dBeta, C), gradient.beta);
      near(arena.takeFloats(mean, C), running.mean);
      near(arena.takeFloats(variance, C), running.variance);
    }
    const { x, y } = batch.prediction;
    const out = arena.putMatrix(x.length, C, x.flat());
    kernels.batchNormPrepare(table, gamma, beta, mean, variance, C, EPSILON);
    kernels.batchNormForward(out, out, table, x.length, C);
    near(arena.takeMatrix(out, x.length, C), y.flat());
    arena.check();
  });

  test('LayerNorm', () => {
    const { x, dY, y, gradient } = layer;
    const arena = new Arena();
    const { kernels } = arena;
    const rows = x.length;
    const [given, dOut] = [arena.putMatrix(rows, C, x.flat()), arena.putMatrix(rows, C, dY.flat())];
    const [out, dX, moments] = [
      arena.putMatrix(rows, C),
      arena.putMatrix(rows, C),
      arena.putFloats(rows * 8),
    ];
    const [gamma, beta] = [arena.putFloats(layer.gamma), arena.putFloats(layer.beta)];
    const [dGamma, dBeta] = [zeros(arena), zeros(arena)];
    kernels.layerNormForward(out, moments, given, gamma, beta, rows, C, EPSILON);
    kernels.layerNormBackward(dX, dGamma, dBeta, dOut, given, moments, gamma, rows, C);
    near(arena.takeMatrix(out, rows, C), y.flat());
    near(arena.takeMatrix(dX, rows, C), gradient.x.flat());
    near(arena.takeFloats(dGamma, C), gradient.gamma);
    near(arena.takeFloats(dBeta, C), gradient.beta);
    arena.check();
  });
});
