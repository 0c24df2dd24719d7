import { describe, expect, test } from 'vitest';
import { lstmBackward, lstmForward, type Matrix } from '../reference/lstm.ts';
import { type Direction, type Layer, stackBackward, stackForward } from '../reference/network.ts';
import { testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';
import { differenceError } from './difference.ts';

// Of the largest element of each gradient; measured 2.5e-11 (one LSTM), 3.5e-11 (stack).
const TOLERANCE = 1e-10;

const lengths = [5, 3, 1];
const numbers = testNumbers(1);
const sequences = (width: number) => lengths.map((T) => drawMatrix(numbers, T, width));
const direction = (D: number, H: number): Direction => ({
  parameters: {
    weightIH: drawMatrix(numbers, 4 * H, D),
    weightHH: drawMatrix(numbers, 4 * H, H),
    bias: [...numbers.floats(4 * H)],
  },
  initial: lengths.map(() => ({ h: [...numbers.floats(H)], c: [...numbers.floats(H)] })),
});

/** Σ y∘dY: weights every output by a number of its own, so that no gradient cancels another. */
const weighted = (y: Matrix[], dY: Matrix[]) => {
  const weights = dY.flat(2);
  return y.flat(2).reduce((sum, value, k) => sum + value * weights[k], 0);
};

/** Names and rows of everything a direction holds. */
const held = ({ parameters, initial }: Direction): [string, Matrix][] => [
  ['weightIH', parameters.weightIH],
  ['weightHH', parameters.weightHH],
  ['bias', [parameters.bias]],
  ['h0', initial.map(({ h }) => h)],
  ['c0', initial.map(({ c }) => c)],
];

describe.each([false, true])('float64 LSTM, reverse = %s', (reverse) => {
  const [D, H] = [2, 4];
  const given = direction(D, H);
  const [x, dY] = [sequences(D), sequences(H)];
  const run = () => lstmForward(x, given.initial, given.parameters, reverse);
  const loss = () =>
    weighted(
      run().map((steps) => steps.map(({ h }) => h)),
      dY,
    );
  const gradient = lstmBackward(x, given.initial, given.parameters, run(), dY, reverse);

  test('gradient of x is the derivative', () => {
    expect(differenceError(x.flat(), gradient.x.flat(), loss)).toBeLessThan(TOLERANCE);
  });

  test.each(held(given).map(([name], k) => [name, k] as const))(
    'gradient of %s is the derivative',
    (_, k) => {
      expect(differenceError(held(given)[k][1], held(gradient)[k][1], loss)).toBeLessThan(TOLERANCE);
    },
  );
});

test('gradient of a state is that of the initial state of the rest of the text', () => {
  const [D, H] = [2, 4];
  const { parameters, initial } = direction(D, H);
  const [x, dY] = [sequences(D), sequences(H)];
  const steps = lstmForward(x, initial, parameters, false);
  const { states } = lstmBackward(x, initial, parameters, steps, dY, false);
  const rest = { x: [x[0].slice(2)], dY: [dY[0].slice(2)], state: [steps[0][1]] };
  const run = lstmForward(rest.x, rest.state, parameters, false);
  const later = lstmBackward(rest.x, rest.state, parameters, run, rest.dY, false).initial[0].h;
  expect(states[0][1]).toEqual(later.map((d, k) => d + dY[0][1][k]));
});

describe('float64 stack of two bidirectional layers', () => {
  const [D, H] = [2, 3];
  const layers: Layer[] = [
    [direction(D, H), direction(D, H)],
    [direction(2 * H, H), direction(2 * H, H)],
  ];
  const [x, dY] = [sequences(D), sequences(2 * H)];
  const loss = () => weighted(stackForward(x, layers)[1].y, dY);
  const gradient = stackBackward(layers, stackForward(x, layers), dY);

  test('gradient of x is the derivative', () => {
    expect(differenceError(x.flat(), gradient.x.flat(), loss)).toBeLessThan(TOLERANCE);
  });

  const cases = layers.flatMap((layer, l) =>
    layer.flatMap((given, d) => held(given).map(([name, rows], k) => ({ name, rows, l, d, k }))),
  );
  test.each(cases)('gradient of $name in layer $l, direction $d is the derivative', ({ rows, l, d, k }) => {
    const analytic = held(gradient.layers[l][d])[k][1];
    expect(differenceError(rows, analytic, loss)).toBeLessThan(TOLERANCE);
  });
});
