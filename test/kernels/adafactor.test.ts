import { describe, expect, test } from 'vitest';
import { adafactorDirection } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 3e-7; // at each of ten steps, measured 1.4e-7

const options = { decay: 0.8, epsilon: 1e-3, rate: 0.5 };
const numbers = Object.values(options) as [number, number, number];

describe('adafactorDirection', () => {
  test.each(rowsCases)('ten steps, %s', (_, rows) => {
    const arena = new Arena();
    const { args, draw, put, putGradient } = rowsOf(arena, rows);
    const { width, height, skew, list = [...Array(height).keys()] } = rows;
    const row = (values: readonly number[], r: number) => values.slice(r * width, (r + 1) * width);
    const [R, C] = [list, row(draw(), 0)].map((values) => values.map(() => 0));
    const p = draw(-0.01, 0.02);
    const [RPtr, steps] = [0, 1].map(() => arena.putFloats(new Float32Array(height)));
    const [CPtr, sums, pPtr] = [arena.putFloats(C, skew), arena.putFloats(width), put(p)];
    for (let t = 1; t <= 10; t++) {
      const g = draw(-0.1, 0.3);
      const gPtr = putGradient(g);
      arena.kernels.adafactorDirection(gPtr, RPtr, steps, CPtr, sums, pPtr, ...args, ...numbers, t);
      const moving = list.map((r) => row(g, r));
      const weights = list.map((r) => row(p, r));
      adafactorDirection(moving, R, C, weights, options, t);
      const direction = moving.flat();
      expect(relativeError(arena.takeFloats(gPtr, direction.length), direction)).toBeLessThan(tolerance);
    }
    const means = arena.takeFloats(RPtr, height);
    const ofList = list.map((r) => means[r]);
    expect(relativeError(ofList, R)).toBeLessThan(tolerance);
    expect(relativeError(arena.takeFloats(CPtr, width), C)).toBeLessThan(tolerance);
    arena.check();
  });

  test('rows and columns without any gradient stay', () => {
    const arena = new Arena();
    const g = arena.putFloats([0, 0, 0, 0, 1e4, 0]);
    const [R, steps] = [0, 1].map(() => arena.putFloats([0, 0, 0]));
    const [C, sums, p] = [arena.putFloats([0, 0]), arena.putFloats(2), arena.putFloats([1, 1, 1, 1, 1, 1])];
    arena.kernels.adafactorDirection(g, R, steps, C, sums, p, 0, 3, 2, ...numbers, 1);
    const direction = [...arena.takeFloats(g, 6)];
    expect(direction.map((value) => value === 0)).toEqual([true, true, true, true, false, true]);
    expect(direction[4]).toBeGreaterThan(0.5);
    arena.check();
  });

  test('a row that rested begins with its own square, however late', () => {
    const arena = new Arena();
    const memories = [3, 3, 2].map((count) => arena.putFloats(new Float32Array(count)));
    const [sums, p] = [arena.putFloats(2), arena.putFloats([1, 1, 1, 1, 1, 1])];
    const step = (gradient: number[], row: number, t: number) => {
      const [g, list] = [arena.putFloats(gradient), arena.putInts([row])];
      const [R, steps, C] = memories;
      arena.kernels.adafactorDirection(g, R, steps, C, sums, p, list, 1, 2, 0.8, 1e-3, 1e-3, t);
      return arena.takeFloats(g, 2);
    };
    for (let t = 1; t < 100; t++) step([3, 4], 0, t);
    const [first, second] = step([0.003, 0.004], 2, 100);
    expect(first).toBeCloseTo(1, 1);
    expect(second).toBeCloseTo(1, 1);
  });
});
