import { expect, test } from 'vitest';
import { Arena, stride, testNumbers } from '../support/arena.ts';
import { drawStrided, product, productError } from '../support/products.ts';

// Of Σ|a|·|b| of each element, the only bound rounding respects. Measured: 2.9e-7, at 1100 terms.
const TOLERANCE = 1e-6;

const sizes = [1, 3, 4, 5, 7, 8, 15, 16, 17, 33];
const heights = [...sizes, 61, 125]; // of C: also beyond a block of 60, and beyond two
const tallest = 125;
const batches = [1, 5, 33, 399, 400, 401, 1100]; // around a block of 400, and beyond two

const numbers = testNumbers(3);

test.each(sizes.flatMap((n) => batches.map((rows) => [n, rows])))('n = %i, rows = %i, every m', (n, rows) => {
  const arena = new Arena();
  const { kernels } = arena;
  const [lda, ldb] = [tallest + 4, stride(n) + 4];
  const a = drawStrided(numbers, rows, tallest, lda);
  const b = drawStrided(numbers, rows, n, ldb);
  const expected = product(
    tallest,
    n,
    rows,
    (i, p) => a[p * lda + i],
    (p, j) => b[p * ldb + j],
  );
  const [aPtr, bPtr] = [arena.putFloats(a), arena.putFloats(b)];
  const scratch = arena.putFloats(kernels.matmulTransposedAScratch(n));

  for (const m of heights) {
    const before = numbers.floats(m * n);
    const cPtr = arena.putFloats(before);
    kernels.matmulTransposedA(cPtr, aPtr, bPtr, scratch, m, n, rows, lda, ldb);
    const c = arena.takeFloats(cPtr, m * n);
    expect(productError(c, n, m, n, expected, (i, j) => before[i * n + j])).toBeLessThan(TOLERANCE);
  }
  arena.check();
});
