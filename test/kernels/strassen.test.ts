import { describe, expect, test } from 'vitest';
import { Arena, testNumbers } from '../support/arena.ts';
import { drawStrided, product } from '../support/products.ts';

// Sums of blocks round by the largest numbers there are, so errors count in k·max|a|·max|b|. Measured: 1.0e-7.
const TOLERANCE = 1e-6;

/** The smallest B, of an LSTM of 128 forward and backward; blocks that are not square; more panels than a tile is wide. */
const shapes = [
  [512, 128],
  [128, 512],
  [256, 264],
  [1040, 72],
];
/** Around the fewest rows that pay, halves that tiles do not divide, around a block of 120 and beyond two. */
const heights = [1, 7, 8, 9, 16, 18, 31, 32, 40, 119, 120, 121, 127, 128, 250];
const tallest = 250;

const numbers = testNumbers(11);

/** A [tallest,lda] and panels of B [k,n], with what their product is. */
function draw(arena: Arena, n: number, k: number, lda: number) {
  const a = drawStrided(numbers, tallest, k, lda);
  const w = numbers.floats(n * k);
  const panels = arena.putFloats(n * k);
  arena.kernels.packTransposed(panels, arena.putFloats(w), n, k);
  const element = (i: number, p: number) => a[i * lda + p];
  const expected = product(tallest, n, k, element, (p, j) => w[j * k + p]).sum;
  const scratch = arena.putFloats(arena.kernels.strassenScratch(n, k));
  return { a: arena.putFloats(a), panels, scratch, expected };
}

describe.each(shapes)('C += A·B, n = %i, k = %i', (n, k) => {
  const arena = new Arena(128);
  const { kernels } = arena;
  const [lda, ldc] = [k + 8, n + 8];
  const { a, panels, scratch, expected } = draw(arena, n, k, lda);

  test.each(heights)('m = %i', (m) => {
    const before = drawStrided(numbers, m, n, ldc);
    const c = arena.putFloats(before);
    const sums = kernels.strassenSums(scratch, panels, m, n, k);
    expect(sums).toBe(m < 8 ? 0 : scratch);
    kernels.matmulStrassen(c, a, panels, sums, m, n, k, lda, ldc);
    const result = arena.takeFloats(c, m * ldc);
    let error = 0;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < ldc; j++) {
        const at = i * ldc + j;
        if (j >= n) expect(result[at]).toBeNaN();
        else error = Math.max(error, Math.abs(result[at] - (before[at] + expected[i * n + j])));
      }
    }
    console.log(n, k, m, error / k);
    expect(error / k).toBeLessThan(TOLERANCE);
    arena.check();
  });
});

test.each([
  [504, 128, 'halves that are not whole panels'],
  [512, 132, 'halves of rows that are not whole vectors'],
  [496, 128, 'fewer numbers than pay'],
])('n = %i, k = %i is multiplied plainly: %s', (n, k) => {
  const arena = new Arena(128);
  const { kernels } = arena;
  const { a, panels, scratch } = draw(arena, n, k, k);
  const sums = kernels.strassenSums(scratch, panels, 32, n, k);
  expect(sums).toBe(0);
  const before = numbers.floats(32 * n);
  const [c, plain] = [arena.putFloats(before), arena.putFloats(before)];
  kernels.matmulStrassen(c, a, panels, sums, 32, n, k, k, n);
  kernels.matmul(plain, a, panels, 32, n, k, k, n, 1);
  expect(arena.takeFloats(c, 32 * n)).toEqual(arena.takeFloats(plain, 32 * n));
  arena.check();
});
