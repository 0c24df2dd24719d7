import { describe, expect, test } from 'vitest';
import { type Layer, stackBackward, stackForward } from '../reference/network.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { LstmRun } from '../support/lstm.ts';
import { packSequences } from '../support/packed.ts';
import { type DirectionFixture, lstmFixture } from './fixture.ts';

// Of the largest element of each result. Measured: 3.4e-9, the nine digits of the fixture, and 4.1e-7.
const TWIN_TOLERANCE = 5e-9;
const KERNEL_TOLERANCE = 1e-6;

const fixture = lstmFixture();
const lengths = fixture.x.map((sequence) => sequence.length);
const initialOf = ({ h0, c0 }: DirectionFixture) => h0.map((h, b) => ({ h, c: c0[b] }));
/** Every (layer, direction) of the fixture. */
const directions = fixture.layers.flatMap((layer, l) => layer.map((expected, d) => ({ l, d, expected })));

describe('the float64 twin is PyTorch’s LSTM', () => {
  const direction = (parameters: DirectionFixture) => ({ parameters, initial: initialOf(parameters) });
  const layers = fixture.layers.map(([ahead, back]): Layer => [direction(ahead), direction(back)]);
  const traces = stackForward(fixture.x, layers);
  const gradient = stackBackward(layers, traces, fixture.dY);
  const near = (actual: number[], expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(TWIN_TOLERANCE);

  test('output, and gradient of x', () => {
    near(traces[1].y.flat(2), fixture.y.flat(2));
    near(gradient.x.flat(2), fixture.gradient.x.flat(2));
  });

  test.each(directions)('last state and gradients of layer $l, direction $d', ({ l, d, expected }) => {
    const last = traces[l].steps[d].map((steps) => steps.at(d === 0 ? -1 : 0)!);
    const { parameters, initial } = gradient.layers[l][d];
    near(
      last.flatMap(({ h }) => h),
      expected.hn.flat(),
    );
    near(
      last.flatMap(({ c }) => c),
      expected.cn.flat(),
    );
    near(parameters.weightIH.flat(), expected.gradient.weightIH.flat());
    near(parameters.weightHH.flat(), expected.gradient.weightHH.flat());
    near(parameters.bias, expected.gradient.bias);
    near(
      initial.flatMap(({ h }) => h),
      expected.gradient.h0.flat(),
    );
    near(
      initial.flatMap(({ c }) => c),
      expected.gradient.c0.flat(),
    );
  });
});

describe('the kernels are PyTorch’s LSTM', () => {
  const arena = new Arena();
  const { kernels } = arena;
  const near = (actual: ArrayLike<number>, expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(KERNEL_TOLERANCE);

  const N = lengths.reduce((sum, length) => sum + length, 0);
  const B = lengths.length;
  const D = fixture.x[0][0].length;
  const H = fixture.layers[0][0].weightHH[0].length;

  // Forward: each layer's two directions side by side are the next layer's input.
  const inputs = [arena.putMatrix(N, D, packSequences(fixture.x))];
  const runs = fixture.layers.map((layer, l) => {
    const pair = layer.map((parameters, d) =>
      new LstmRun(arena, { lengths, parameters, initial: initialOf(parameters), reverse: d === 1 }).forward(
        inputs[l],
      ),
    );
    inputs.push(arena.putMatrix(N, 2 * H));
    kernels.concatForward(inputs[l + 1], pair[0].h, pair[1].h, N, H, H);
    return pair;
  });

  // Backward: the gradient of a layer's input is the sum over its directions.
  let dY = arena.putMatrix(N, 2 * H, packSequences(fixture.dY));
  const gradients = runs.map(() => [] as ReturnType<LstmRun['backward']>[]);
  for (let l = runs.length - 1; l >= 0; l--) {
    const dH = [arena.putMatrix(N, H), arena.putMatrix(N, H)];
    kernels.concatBackward(dH[0], dH[1], dY, N, H, H);
    const ahead = runs[l][0].backward(inputs[l], dH[0]);
    const back = runs[l][1].backward(inputs[l], dH[1], N, ahead.dX);
    gradients[l] = [ahead, back];
    dY = ahead.dX;
  }

  test('output, and gradient of x', () => {
    near(arena.takeMatrix(inputs[2], N, 2 * H), packSequences(fixture.y));
    near(arena.takeMatrix(dY, N, D), packSequences(fixture.gradient.x));
    arena.check();
  });

  test.each(directions)('gradients of layer $l, direction $d', ({ l, d, expected }) => {
    const { dWeightIH, dWeightHH, dBias } = runs[l][d];
    const { dH, dC } = gradients[l][d];
    const { weightIH, weightHH, bias, h0, c0 } = expected.gradient;
    near(arena.takeFloats(dWeightIH, weightIH.flat().length), weightIH.flat());
    near(arena.takeFloats(dWeightHH, weightHH.flat().length), weightHH.flat());
    near(arena.takeFloats(dBias, bias.length), bias);
    near(arena.takeMatrix(dH, B, H), h0.flat());
    near(arena.takeMatrix(dC, B, H), c0.flat());
  });
});
