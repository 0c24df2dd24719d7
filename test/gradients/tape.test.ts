import { describe, expect, test } from 'vitest';
import {
  gruStep,
  lstmStep,
  minGruStep,
  minLstmStep,
  rnnStep,
  type Step,
  walkCell,
} from '../reference/cells.ts';
import { Tape } from '../reference/tape.ts';
import { testNumbers } from '../support/arena.ts';
import { differenceError } from './difference.ts';

// Of the largest element of each gradient; measured 2.6e-11, normalised, which bends more, 2.1e-9.
const TOLERANCE = 1e-10;
const TOLERANCE_NORMALISED = 4e-9;

const [D, H, T] = [2, 3, 4];
const numbers = testNumbers(5);
const draw = (count: number) => [...numbers.floats(count)];
const gates = (G: number) => ({
  weightIH: draw(G * H * D),
  weightHH: draw(G * H * H),
  bias: draw(G * H),
});
const masks = { mask: [0, 2, 2], drop: [1.5, 0, 1.5], keep: [0, 1, 0], keepC: [1, 0, 0] };

const cells: [string, Step, Record<string, number[]>][] = [
  ['rnn, tanh', rnnStep('tanh'), gates(1)],
  ['rnn, relu', rnnStep('relu'), gates(1)],
  ['gru, reset after', gruStep('after'), { ...gates(3), biasHN: draw(H) }],
  ['gru, reset before', gruStep('before'), gates(3)],
  ['lstm, peepholes', lstmStep, { ...gates(4), peepholes: draw(3 * H) }],
  [
    'lstm, normalised',
    lstmStep,
    { ...gates(4), gammaIH: draw(4 * H), gammaHH: draw(4 * H), gammaC: draw(H), betaC: draw(H) },
  ],
  ['minGru', minGruStep, { weightIH: draw(2 * H * D), bias: draw(2 * H) }],
  ['minLstm', minLstmStep, { weightIH: draw(3 * H * D), bias: draw(3 * H) }],
  ['lstm, projection', lstmStep, { ...gates(4), weightHR: draw(H * H) }],
];

describe.each(cells)('%s by the tape', (name, step, parameters) => {
  const tolerance = name.includes('normalised') ? TOLERANCE_NORMALISED : TOLERANCE;
  const x = Array.from({ length: T }, () => draw(D));
  const [initial, initialC] = [draw(H), draw(H)];
  const dY = Array.from({ length: T }, () => draw(H));

  const walk = (reverse: boolean) => {
    const tape = new Tape();
    const of = Object.fromEntries(Object.entries(parameters).map(([name, v]) => [name, tape.variable(v)]));
    const rows = x.map((row) => tape.variable(row));
    const h0 = tape.variable(initial);
    const c = tape.variable(initialC);
    const states = walkCell(tape, step, of, rows, { h: h0, c }, reverse, (t) => (t % 2 ? masks : {}));
    return { tape, of, rows, h0, ys: states.map(({ h }) => h) };
  };

  test.each([false, true])('every gradient is the derivative, reverse %s', (reverse) => {
    const loss = () =>
      walk(reverse).ys.reduce((sum, y, t) => sum + y.value.reduce((s, v, k) => s + v * dY[t][k], 0), 0);
    const { tape, of, rows, h0, ys } = walk(reverse);
    tape.differentiate(ys, dY);
    const near = (values: number[][], gradient: number[][]) =>
      expect(differenceError(values, gradient, loss)).toBeLessThan(tolerance);
    for (const [name, values] of Object.entries(parameters)) near([values], [of[name].gradient]);
    near(
      x,
      rows.map(({ gradient }) => gradient),
    );
    near([initial], [h0.gradient]);
  });
});
