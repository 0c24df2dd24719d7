import { describe, expect, test } from 'vitest';
import * as twin from '../reference/optim.ts';
import { Arena, type Kernels, relativeError } from '../support/arena.ts';
import { rowsCases, rowsOf } from '../support/rows.ts';

const tolerance = 6e-7; // of a direction and of what is remembered, at each of ten steps; measured 4.9e-7

const differenceTolerance = 5e-7; // of e, a difference of large numbers in the twin; measured 2.0e-7

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** How many numbers an optimiser remembers of each parameter, its kernel and its twin at step t. */
const DIRECTIONS: Record<string, Direction> = {
  rmspropDirection: {
    memories: 1,
    kernel: ({ rmspropDirection }, g, [v], rows) => rmspropDirection(g, v, ...rows, 0.99, 1e-8),
    twin: (g, [v]) => twin.rmspropDirection(g, v, 0.99, 1e-8),
  },
  adagradDirection: {
    memories: 1,
    kernel: ({ adagradDirection }, g, [v], rows) => adagradDirection(g, v, ...rows, 1e-10),
    twin: (g, [v]) => twin.adagradDirection(g, v, 1e-10),
  },
  adadeltaDirection: {
    memories: 2,
    kernel: ({ adadeltaDirection }, g, [v, u], rows) => adadeltaDirection(g, v, u, ...rows, 0.9, 1e-6),
    twin: (g, [v, u]) => twin.adadeltaDirection(g, v, u, 0.9, 1e-6),
  },
  lionDirection: {
    memories: 1,
    kernel: ({ lionDirection }, g, [m], rows) => lionDirection(g, m, ...rows, 0.9, 0.99),
    twin: (g, [m]) => twin.lionDirection(g, m, 0.9, 0.99),
  },
};

interface Direction {
  memories: number;
  kernel(kernels: Kernels, g: number, memory: number[], rows: readonly [number, number, number]): void;
  twin(g: number[], memory: number[][]): void;
}

describe.each(Object.entries(DIRECTIONS))('%s', (_, { memories, kernel, twin }) => {
  test.each(rowsCases)('ten steps, %s', (_, rows) => {
    const arena = new Arena();
    const { args, size, draw, put, putGradient, moving, zeros, onMoving } = rowsOf(arena, rows);
    const memory = Array.from({ length: memories }, zeros);
    const pointers = memory.map(put);
    for (let t = 1; t <= 10; t++) {
      const g = draw(-0.1, 0.3);
      const gPtr = putGradient(g);
      kernel(arena.kernels, gPtr, pointers, args);
      onMoving((g, ...memory) => twin(g, memory), g, ...memory);
      const direction = moving(g);
      expect(relativeError(arena.takeFloats(gPtr, direction.length), direction)).toBeLessThan(tolerance);
    }
    for (const [i, values] of memory.entries()) {
      expect(relativeError(arena.takeFloats(pointers[i], size), values)).toBeLessThan(tolerance);
    }
    arena.check();
  });
});

describe('scheduleFreeMove', () => {
  test.each(rowsCases)('ten steps, %s', (_, rows) => {
    const arena = new Arena();
    const { args, size, draw, put, putGradient, zeros, onMoving } = rowsOf(arena, rows);
    const [y, v, sum] = [draw(), zeros(), [0]];
    const [z, x] = [[...y], [...y]];
    const [yPtr, ePtr, vPtr] = [put(y), put(zeros()), put(v)];
    const clocks = arena.putFloats(new Float32Array(2 * rows.height));
    for (let t = 1; t <= 10; t++) {
      const g = draw(-0.1, 0.3);
      const rate = 0.01 * Math.min(1, t / 4);
      const options = { ...adam, decay: 0.1, rate };
      const numbers = [...Object.values(adam), 0.1, rate] as [number, number, number, number, number];
      arena.kernels.scheduleFreeMove(yPtr, ePtr, vPtr, clocks, putGradient(g), ...args, ...numbers);
      onMoving(
        (...all) => twin.scheduleFreeMove(all[0], [all[1], all[2], all[3], sum], all[4], options, t),
        y,
        z,
        x,
        v,
        g,
      );
      expect(relativeError(arena.takeFloats(yPtr, size), y)).toBeLessThan(tolerance);
    }
    const e = z.map((value, k) => value - x[k]);
    expect(relativeError(arena.takeFloats(ePtr, size), e)).toBeLessThan(differenceTolerance);
    expect(relativeError(arena.takeFloats(vPtr, size), v)).toBeLessThan(tolerance);
    arena.check();
  });
});

describe('nadamDirection', () => {
  test.each(rowsCases)('ten steps, %s', (_, rows) => {
    const arena = new Arena();
    const { args, draw, put, putGradient, moving, zeros, onMoving } = rowsOf(arena, rows);
    const [m, v, product] = [zeros(), zeros(), [1]];
    const [mPtr, vPtr, worn] = [put(m), put(v), arena.putFloats([0])];
    for (let t = 1; t <= 10; t++) {
      const g = draw(-0.1, 0.3);
      const gPtr = putGradient(g);
      arena.kernels.nadamDirection(gPtr, mPtr, vPtr, worn, ...args, 0.9, 0.999, 1e-8, t);
      onMoving((g, m, v) => twin.nadamDirection(g, m, v, product, adam, t), g, m, v);
      const direction = moving(g);
      expect(relativeError(arena.takeFloats(gPtr, direction.length), direction)).toBeLessThan(tolerance);
    }
    expect(relativeError(arena.takeFloats(worn, 1), [1 - product[0]])).toBeLessThan(tolerance);
    arena.check();
  });
});
