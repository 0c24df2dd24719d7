import { expect, test } from 'vitest';
import { denseForward } from '../reference/dense.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

// Of the largest output. Measured: 6.2e-8.
const TOLERANCE = 1e-6;

test.each(sizes.flatMap((I) => [1, 3, 8, 17].map((O) => [I, O])))(
  '%i to %i: weights with a normalisation in them do what both did',
  (I, O) => {
    const numbers = testNumbers(100 * I + O);
    const [x, weight, bias] = [drawMatrix(numbers, 5, I), drawMatrix(numbers, O, I), [...numbers.floats(O)]];
    const table = (C: number) => [numbers.floats(C), numbers.floats(C, 0.5, 2), numbers.floats(C)];
    const normalise = (rows: number[][], [mean, factor, shift]: Float32Array[]) =>
      rows.map((row) => row.map((value, j) => (value - mean[j]) * factor[j] + shift[j]));
    const [first, last] = [table(I), table(O)];
    const arena = new Arena();
    const folded = (kernel: 'foldBehind' | 'foldBefore', given: Float32Array[], C: number) => {
      const [w, b] = [arena.putFloats(weight.flat()), arena.putFloats(bias)];
      const rows = arena.putMatrix(
        3,
        C,
        given.flatMap((row) => [...row]),
      );
      arena.kernels[kernel](w, b, rows, O, I);
      const values = arena.takeFloats(w, O * I);
      const matrix = weight.map((_, o) => [...values.subarray(o * I, (o + 1) * I)]);
      return denseForward(x, matrix, [...arena.takeFloats(b, O)]).flat();
    };
    const behind = denseForward(normalise(x, first), weight, bias).flat();
    expect(relativeError(folded('foldBehind', first, I), behind)).toBeLessThan(TOLERANCE);
    const before = normalise(denseForward(x, weight, bias), last).flat();
    expect(relativeError(folded('foldBefore', last, O), before)).toBeLessThan(TOLERANCE);
    arena.check();
  },
);
