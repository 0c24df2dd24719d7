import { expect, test } from 'vitest';
import { adamDirection } from '../reference/optim.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 5e-7; // at each of ten steps, measured 2.9e-7

const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const numbers = Object.values(options) as [number, number, number];

test.each(rowsCases)('ten steps, %s', (_, rows) => {
  const arena = new Arena();
  const { args, size, draw, put, putGradient, moving, zeros, onMoving } = rowsOf(arena, rows);
  const [m, v] = [zeros(), zeros()];
  const [mPtr, vPtr] = [put(m), put(v)];
  for (let t = 1; t <= 10; t++) {
    const g = draw(-0.1, 0.3);
    const gPtr = putGradient(g);
    arena.kernels.adamDirection(gPtr, mPtr, vPtr, ...args, ...numbers, t);
    onMoving((g, m, v) => adamDirection(g, m, v, options, t), g, m, v);
    const direction = moving(g);
    expect(relativeError(arena.takeFloats(gPtr, direction.length), direction)).toBeLessThan(tolerance);
  }
  expect(relativeError(arena.takeFloats(mPtr, size), m)).toBeLessThan(tolerance);
  expect(relativeError(arena.takeFloats(vPtr, size), v)).toBeLessThan(tolerance);
  arena.check();
});

test('a gradient of zero from the start goes nowhere', () => {
  const arena = new Arena();
  const [g, m, v] = [0, 1, 2].map(() => arena.putFloats(new Float32Array(5)));
  arena.kernels.adamDirection(g, m, v, 0, 1, 5, ...numbers, 1);
  expect([...arena.takeFloats(g, 5)]).toEqual([0, 0, 0, 0, 0]);
  arena.check();
});

test('NaN in a gradient shows in its direction alone', () => {
  const arena = new Arena();
  const [m, v] = [0, 1].map(() => arena.putFloats(new Float32Array(5)));
  const g = arena.putFloats([0, 0, 1, 0, Number.NaN]);
  arena.kernels.adamDirection(g, m, v, 0, 1, 5, ...numbers, 1);
  expect([...arena.takeFloats(g, 5)].map(Number.isNaN)).toEqual([false, false, false, false, true]);
  arena.check();
});
