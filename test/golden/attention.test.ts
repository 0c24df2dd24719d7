import { describe, expect, test } from 'vitest';
import { attention } from '../../src/layers/attention.ts';
import { attentionBackward, attentionForward, attentionWeights } from '../reference/attention.ts';
import { denseBackward, denseForward } from '../reference/dense.ts';
import type { Matrix } from '../reference/lstm.ts';
import { Arena, relativeError, stride } from '../support/arena.ts';
import { LayerRun } from '../support/layer-run.ts';
import { packSequences, stepsOf, unpackSequences } from '../support/packed.ts';
import { attentionFixture } from './fixture.ts';

// Of the largest element of each result. Measured: 1.4e-9, the nine digits of the fixture, and 7.0e-7.
const TWIN_TOLERANCE = 5e-9;
const KERNEL_TOLERANCE = 1e-6;

const fixture = attentionFixture();
const { heads, x, dY, y, weights, gradient } = fixture;
const lengths = x.map((sequence) => sequence.length);
const [N, C] = [x.flat().length, x[0][0].length];
/** Flat rows as texts again. */
const cut = (rows: Matrix): Matrix[] => lengths.map((length) => rows.splice(0, length));

test('the float64 twin is PyTorch’s MultiheadAttention', () => {
  const near = (actual: number[], expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(TWIN_TOLERANCE);
  const qkv = cut(denseForward(x.flat(), fixture.weightQKV, fixture.biasQKV));
  const answers = attentionForward(qkv, heads);
  near(denseForward(answers.flat(), fixture.weightOut, fixture.biasOut).flat(), y.flat(2));
  near(qkv.flatMap((sequence) => attentionWeights(sequence, heads)).flat(2), weights.flat(3));
  const out = denseBackward(answers.flat(), fixture.weightOut, dY.flat());
  const own = attentionBackward(qkv, cut(out.x), heads);
  const into = denseBackward(x.flat(), fixture.weightQKV, own.flat());
  near(into.x.flat(), gradient.x.flat(2));
  near(into.weight.flat(), gradient.weightQKV.flat());
  near(out.weight.flat(), gradient.weightOut.flat());
  near(out.bias, gradient.biasOut);
  near(into.bias, gradient.biasQKV);
});

describe('the kernels are PyTorch’s MultiheadAttention', () => {
  const arena = new Arena();
  const { kernels } = arena;
  const near = (actual: ArrayLike<number>, expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(KERNEL_TOLERANCE);

  /** A linear map as the layer plans it. */
  const linear = (input: number, weight: Matrix, bias: number[]) => {
    const [O, I] = [weight.length, weight[0].length];
    const value = arena.putFloats(weight.flat());
    const panels = arena.putFloats(stride(O) * I);
    const back = arena.putFloats(stride(I) * O);
    const scratch = arena.putFloats(kernels.matmulTransposedAScratch(I));
    const output = arena.putMatrix(N, O);
    const [dWeight, dBias] = [
      arena.putFloats(new Array(O * I).fill(0)),
      arena.putFloats(new Array(O).fill(0)),
    ];
    const dInput = arena.putMatrix(N, I);
    kernels.densePack(panels, value, I, O);
    kernels.densePackBackward(back, value, I, O);
    kernels.denseForward(output, input, panels, arena.putFloats(bias), N, I, O);
    const backward = (dOutput: number) => {
      kernels.denseWeightGradient(dWeight, dOutput, input, scratch, N, I, O);
      kernels.denseBiasGradient(dBias, dOutput, N, O);
      kernels.denseInputGradient(dInput, dOutput, back, N, I, O, 0);
      return { dInput, weight: arena.takeFloats(dWeight, O * I), bias: arena.takeFloats(dBias, O) };
    };
    return { output, backward };
  };

  const batch = [arena.putInts(stepsOf(lengths)), arena.putInts(lengths)] as const;
  const scratch = arena.putFloats(kernels.attentionScratch(lengths[0], C / heads));
  const [answers, logSums] = [arena.putMatrix(N, C), arena.putMatrix(N, heads)];
  const qkv = linear(arena.putMatrix(N, C, packSequences(x)), fixture.weightQKV, fixture.biasQKV);
  const sizes = [...batch, scratch, x.length, C, heads] as const;
  kernels.attentionForward(answers, logSums, qkv.output, ...sizes);
  const out = linear(answers, fixture.weightOut, fixture.biasOut);

  const last = out.backward(arena.putMatrix(N, C, packSequences(dY)));
  const dQkv = arena.putMatrix(N, 3 * C);
  kernels.attentionBackward(dQkv, last.dInput, logSums, qkv.output, ...sizes);
  const first = qkv.backward(dQkv);

  test('output, and gradient of x', () => {
    near(arena.takeMatrix(out.output, N, C), packSequences(y));
    near(arena.takeMatrix(first.dInput, N, C), packSequences(gradient.x));
    arena.check();
  });

  test('gradients of the parameters', () => {
    near(first.weight, gradient.weightQKV.flat());
    near(first.bias, gradient.biasQKV);
    near(last.weight, gradient.weightOut.flat());
    near(last.bias, gradient.biasOut);
  });
});

test.each(['last', 'learned'] as const)('pooling for one query, %s, is PyTorch’s', (query) => {
  const { parameters, gradient: expected, ...pooled } = fixture[query];
  const arena = new Arena();
  const run = new LayerRun(arena, {
    layer: attention({ heads, query }),
    mode: 'train',
    lengths,
    x: unpackSequences(Float32Array.from(packSequences(x)), [N], C)[0].map((row) => [...row]),
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, value.flat()])),
  });
  run.forward().backward(pooled.dY.flat());
  const { x: dX, ...dParameters } = expected;
  const pairs: [ArrayLike<number>, number[]][] = [
    [run.y, pooled.y.flat()],
    [run.dX, packSequences(dX)],
    ...Object.entries(dParameters).map(([name, of]): [Float32Array, number[]] => [
      run.gradientOf(name),
      of.flat() as number[],
    ]),
  ];
  for (const [actual, of] of pairs) expect(relativeError(actual, of)).toBeLessThan(KERNEL_TOLERANCE);
  arena.check();
});
