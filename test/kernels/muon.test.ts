import { expect, test } from 'vitest';
import { orthogonalise } from '../reference/optim.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

const tolerance = 6e-6; // measured 3.1e-6

const stride = (C: number) => Math.ceil(C / 8) * 8;
const scratchOf = (r: number, s: number) => 2 * r * stride(s) + 2 * r * stride(r) + stride(r) * stride(s);

function run(count: number, m: number, n: number, g: ArrayLike<number>): Float32Array {
  const arena = new Arena();
  const [ptr, scratch] = [arena.putFloats(g), arena.putFloats(scratchOf(Math.min(m, n), Math.max(m, n)))];
  arena.kernels.orthogonalise(ptr, scratch, count, m, n);
  arena.check();
  return arena.takeFloats(ptr, count * m * n);
}

test.each(sizes.flatMap((m) => sizes.map((n) => [m, n])))('three matrices [%i, %i]', (m, n) => {
  const numbers = testNumbers(100 * m + n);
  const blocks = [1e-3, 1, 1e3].map((scale) => drawMatrix(numbers, m, n, scale));
  const actual = run(3, m, n, blocks.flat(2));
  for (const [i, block] of blocks.entries()) {
    const own = actual.subarray(i * m * n, (i + 1) * m * n);
    expect(relativeError(own, orthogonalise(block).flat())).toBeLessThan(tolerance);
  }
});

test('singular values from a five-hundredth of the norm on become about 1, their vectors stay', () => {
  const values = [1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.003];
  const numbers = testNumbers(3);
  /** A reflection: orthogonal, and its own inverse. */
  const reflection = () => {
    const [v] = drawMatrix(numbers, 1, 7);
    const square = v.reduce((sum, x) => sum + x * x, 0);
    return v.map((a, i) => v.map((b, j) => (i === j ? 1 : 0) - (2 * a * b) / square));
  };
  const product = (a: number[][], b: number[][]) =>
    a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
  const [U, V] = [reflection(), reflection()];
  const diagonal = values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
  const said = run(1, 7, 7, product(product(U, diagonal), V).flat());
  const rows = values.map((_, i) => [...said.subarray(7 * i, 7 * i + 7)]);
  product(product(U, rows), V).forEach((row, i) => {
    row.forEach((value, j) => {
      const inUnits = value / (0.2 * Math.sqrt(7));
      if (i !== j) expect(Math.abs(inUnits)).toBeLessThan(1e-4);
      else expect(Math.abs(inUnits - 0.945)).toBeLessThan(0.265); // from 0.68 to 1.21
    });
  });
});

test('no gradient, no direction', () => {
  expect([...run(2, 3, 5, new Float32Array(30))]).toEqual(new Array(30).fill(0));
});
