import { describe, expect, test } from 'vitest';
import { normalNumbers } from '../reference/initial.ts';
import { Arena, relativeError, sizes } from '../support/arena.ts';

const tolerance = 6e-7; // measured 4.6e-7
const orthogonalTolerance = 2e-7; // measured 7.3e-8

function normal(count: number, deviation: number, seed = 1, stream = 2): Float32Array {
  const arena = new Arena();
  const ptr = arena.putFloats(count);
  arena.kernels.fillNormal(ptr, count, deviation, seed, stream);
  arena.check();
  return arena.takeFloats(ptr, count);
}

describe('fillNormal', () => {
  test.each([...sizes, 5000])('%i numbers are those of the polar method', (n) => {
    expect(relativeError(normal(n, 0.3), normalNumbers(n, Math.fround(0.3), 1, 2))).toBeLessThan(tolerance);
  });

  test('has the moments of the normal distribution', () => {
    const count = 100_000;
    const numbers = [...normal(count, 2)].map((x) => x / 2);
    const moment = (power: number) => numbers.reduce((sum, x) => sum + x ** power, 0) / count;
    // Four standard errors: √(var x^k / count).
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / count));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    const next = numbers.slice(1).reduce((sum, x, i) => sum + x * numbers[i], 0) / count;
    expect(Math.abs(next)).toBeLessThan(4 * Math.sqrt(1 / count));
  });

  test('differs by seed and stream', () => {
    expect(normal(9, 1)).toEqual(normal(9, 1));
    expect(normal(9, 1, 2)).not.toEqual(normal(9, 1));
    expect(normal(9, 1, 1, 3)).not.toEqual(normal(9, 1));
  });
});

describe('orthogonalRows', () => {
  test.each([...sizes.flatMap((O) => [1, 5, 16, 33].map((I) => [O, I])), [100, 70]])(
    'two matrices [%i, %i]: rows, or columns, are perpendicular and of length 1',
    (O, I) => {
      const arena = new Arena();
      const given = normal(2 * O * I, 1);
      const ptr = arena.putFloats(given);
      arena.kernels.orthogonalRows(ptr, 2, O, I);
      arena.check();
      const all = arena.takeFloats(ptr, 2 * O * I);
      for (const map of [0, 1]) {
        const w = all.subarray(map * O * I, (map + 1) * O * I);
        const at = O > I ? (i: number, k: number) => w[k * I + i] : (i: number, k: number) => w[i * I + k];
        const [count, length] = [Math.min(O, I), Math.max(O, I)];
        for (let i = 0; i < count; i++) {
          for (let j = 0; j <= i; j++) {
            let sum = 0;
            for (let k = 0; k < length; k++) sum += at(i, k) * at(j, k);
            expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(orthogonalTolerance);
          }
        }
        // The first stays where it pointed.
        expect(Math.sign(w[0])).toBe(Math.sign(given[map * O * I]));
      }
    },
  );
});
