import { describe, expect, test } from 'vitest';
import { levels, mostOf, quantisedProduct, quantiseRow } from '../reference/quantise.ts';
import { Arena, isRelaxed, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';
import { putQuantised } from '../support/quantised.ts';

const most = mostOf(isRelaxed);
const twin = (x: number[][], { q, scales }: { q: number[][]; scales: ArrayLike<number> }) =>
  quantisedProduct(x, q, scales, most);

/** Runs the product over x and int8 weights, and adds it to `before` where that is given. */
function multiply(
  arena: Arena,
  x: number[][],
  { q, pointers }: { q: number[][]; pointers: readonly [number, number] },
  before?: Float32Array,
): Float32Array {
  const { kernels } = arena;
  const [m, n, k] = [x.length, q.length, x[0].length];
  const panels = arena.putBytes((stride(n) / 8) * kernels.quantisedPanelBytes(k));
  const scratch = arena.putFloats(kernels.matmulQuantisedScratch(k));
  const c = arena.putMatrix(m, n, before);
  kernels.packQuantised(panels, ...pointers, n, k);
  const a = arena.putMatrix(m, k, x.flat());
  kernels.matmulQuantised(c, a, panels, scratch, m, n, k, stride(n), before ? 1 : 0);
  arena.check();
  return arena.takeMatrix(c, m, n);
}

describe('weights as int8', () => {
  test.each(sizes)('are rounded to 127 levels of the largest of their row, %i columns', (columns) => {
    const arena = new Arena();
    const weight = drawMatrix(testNumbers(columns), 5, columns);
    const q = arena.putBytes(5 * columns);
    const scales = arena.putFloats(5);
    arena.kernels.quantiseWeights(q, scales, arena.putFloats(weight.flat()), 5, columns);
    const expected = weight.map((row) => quantiseRow(row, 127));
    const integers = new Int8Array(arena.takeBytes(q, 5 * columns).buffer);
    expect([...integers]).toEqual(expected.flatMap(({ q }) => q));
    expect([...arena.takeFloats(scales, 5)]).toEqual(expected.map(({ scale }) => scale));
    weight.flat().forEach((value, i) => {
      const { scale } = expected[Math.floor(i / columns)];
      expect(Math.abs(value - scale * integers[i])).toBeLessThan(scale * 0.50002); // half a step, and 127 roundings to f32
    });
    arena.check();
  });

  test('a row of zeros has the scale 1; one huge and one tiny number keep their row finite', () => {
    const arena = new Arena();
    const [q, scales] = [arena.putBytes(8), arena.putFloats(4)];
    const weight = [0, -0, 3e38, 1e-38, 1e-31, -1e-40, -1e-20, 5e-21];
    arena.kernels.quantiseWeights(q, scales, arena.putFloats(weight), 4, 2);
    expect([...new Int8Array(arena.takeBytes(q, 8).buffer)]).toEqual([0, 0, 127, 0, 0, 0, -127, 64]);
    const found = arena.takeFloats(scales, 4);
    expect([found[0], found[2]]).toEqual([1, 1]);
    expect(found.every((scale) => scale > 0 && scale < Infinity)).toBe(true);
    arena.check();
  });
});

describe('the product in integers is its formula, bit for bit', () => {
  const shapes = sizes.flatMap((k) => sizes.map((n) => [n, k]));

  test.each(shapes)('%i outputs of %i', (n, k) => {
    for (const m of [1, 4, 7]) {
      const arena = new Arena();
      const numbers = testNumbers(100 * n + k + m);
      const weights = putQuantised(arena, numbers, n, k);
      const x = drawMatrix(numbers, m, k, 3);
      const expected = twin(x, weights).flat();
      expect([...multiply(arena, x, weights)]).toEqual(expected);
      const before = numbers.floats(m * n);
      const sums = expected.map((value, i) => Math.fround(value + before[i]));
      expect([...multiply(arena, x, weights, before)]).toEqual(sums);
    }
  });

  test('over more rows than are quantised at a time, and wide panels side by side', () => {
    for (const [m, n] of [
      [61, 9],
      [125, 8],
      [1, 70],
    ]) {
      const arena = new Arena();
      const numbers = testNumbers(m);
      const weights = putQuantised(arena, numbers, n, 20);
      const x = drawMatrix(numbers, m, 20);
      expect([...multiply(arena, x, weights)]).toEqual(twin(x, weights).flat());
    }
  });

  test.each([512, 513, 4096, 8192, 65_536])('without overflow where all of %i are largest', (k) => {
    const arena = new Arena(256);
    const own = arena.kernels.quantisedLevels(k);
    expect(own).toBe(levels(k, most));
    expect(128 * own * k).toBeLessThan(2 ** 31);
    expect(own).toBeGreaterThanOrEqual(Math.min(most, 255));
    const q = [new Array<number>(k).fill(-128), new Array<number>(k).fill(127)];
    const scales = Float32Array.of(0.5, 0.25);
    const pointers = [arena.putIntegers8(q.flat()), arena.putFloats(scales)] as const;
    const x = [new Array<number>(k).fill(1), new Array<number>(k).fill(-1)];
    expect([...multiply(arena, x, { q, pointers })]).toEqual(twin(x, { q, scales }).flat());
  });

  test('of rows that become whole numbers', () => {
    const [m, k] = [3, 20];
    const arena = new Arena();
    const x = drawMatrix(testNumbers(8), m, k);
    const headBytes = 144;
    const rowBytes = headBytes + stride(k) * (isRelaxed ? 1 : 2);
    const q = arena.putBytes(m * rowBytes);
    arena.kernels.quantiseRows(q, arena.putMatrix(m, k, x.flat()), m, k);
    for (const [r, row] of x.entries()) {
      const { buffer } = arena.takeBytes(q + r * rowBytes, rowBytes);
      const numbers = isRelaxed ? new Uint8Array(buffer, headBytes) : new Int16Array(buffer, headBytes);
      const expected = quantiseRow(row, levels(k, most));
      expect(new Float32Array(buffer, 0, 1)[0]).toBe(expected.scale);
      const offset = isRelaxed ? 64 : 0; // so that relaxed products read no sign
      expect([...numbers].slice(0, k).map((number) => number - offset)).toEqual(expected.q);
    }
    arena.check();
  });

  test('rows of zeros and of numbers too small to scale are zero', () => {
    const arena = new Arena();
    const weights = putQuantised(arena, testNumbers(5), 9, 8);
    const zeros = [new Array<number>(8).fill(0), new Array<number>(8).fill(1e-39)];
    expect([...multiply(arena, zeros, weights)].every((value) => value === 0)).toBe(true);
  });
});
