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
import { batchLstm, overBatch } from '../reference/lstm-batch.ts';
import { Tape } from '../reference/tape.ts';
import { testNumbers } from '../support/arena.ts';
import { differenceError } from './difference.ts';

// Of the largest element of each gradient; measured 2.6e-11, normalised, which bends more, 2.1e-9.
const TOLERANCE = 1e-10;
const TOLERANCE_NORMALISED = 4e-9;
const TOLERANCE_TOGETHER = 3e-7; // over three or four texts, which may lie near each other; measured: 1.1e-7

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

test('every gradient of the batch-normalised LSTM by the tape is the derivative', () => {
  // Large weights keep deviations far from the size of the differences.
  const large = { weightIH: draw(4 * H * D).map((w) => 4 * w), weightHH: draw(4 * H * H).map((w) => 8 * w) };
  const parameters: Record<string, number[]> = {
    ...gates(4),
    ...large,
    gammaIH: draw(4 * H),
    gammaHH: draw(4 * H),
  };
  Object.assign(parameters, { gammaC: draw(H), betaC: draw(H) });
  const x = [4, 4, 3, 1].map((length) => Array.from({ length }, () => draw(D)));
  const dY = x.map((text) => text.map(() => draw(H)));
  const statistics = {
    mean: [draw(5 * H), draw(5 * H), draw(5 * H)],
    variance: [1, 2, 3].map((v) => new Array<number>(5 * H).fill(v)),
    seen: [1, 0.5, 0],
  };
  const walk = () => {
    const tape = new Tape();
    const of = Object.fromEntries(Object.entries(parameters).map(([name, v]) => [name, tape.variable(v)]));
    const rows = x.map((text) => text.map((row) => tape.variable(row)));
    const recurrence = { S: 3, train: true, ...statistics };
    return { tape, of, rows, ys: batchLstm(tape, of, rows, overBatch(tape), recurrence) };
  };
  const loss = () =>
    walk()
      .ys.flat()
      .reduce((sum, y, n) => sum + y.value.reduce((s, v, k) => s + v * dY.flat()[n][k], 0), 0);
  const { tape, of, rows, ys } = walk();
  tape.differentiate(ys.flat(), dY.flat());
  for (const [name, values] of Object.entries(parameters))
    expect(differenceError([values], [of[name].gradient], loss), name).toBeLessThan(TOLERANCE_TOGETHER);
  const dX = rows.flat().map(({ gradient }) => gradient);
  expect(differenceError(x.flat(), dX, loss)).toBeLessThan(TOLERANCE_TOGETHER);
});

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
