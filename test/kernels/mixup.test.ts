import { describe, expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { mixRows, mixRowsBackward, mixShare } from '../reference/mixup.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

const tolerance = 2e-7; // measured 8.8e-8
const shareTolerance = 1e-6; // measured 5.6e-7

const partners = [3, 0, 4, 1, 2, 5];
const B = partners.length;
const share = Math.fround(0.7);

/** Reads shares of many steps. */
function sharesOf(alpha: number, count: number): number[] {
  const arena = new Arena();
  const ptr = arena.putFloats(1);
  const shares = Array.from({ length: count }, (_, step) => {
    arena.kernels.drawMixShare(ptr, alpha, 7, 3, step);
    return arena.takeFloats(ptr, 1)[0];
  });
  arena.check();
  return shares;
}

describe('mixed rows', () => {
  test.each(sizes)('C = %i: forward and backward are the formulas', (C) => {
    const arena = new Arena();
    const numbers = testNumbers(C);
    const [x, dY] = [drawMatrix(numbers, B, C), drawMatrix(numbers, B, C)];
    const [y, dX] = [arena.putMatrix(B, C), arena.putMatrix(B, C)];
    const mix = [arena.putInts(partners), arena.putFloats([share])] as const;
    arena.kernels.mixRowsForward(y, arena.putMatrix(B, C, x.flat()), ...mix, B, C);
    arena.kernels.mixRowsBackward(dX, arena.putMatrix(B, C, dY.flat()), ...mix, B, C);
    const expected = [mixRows(x, partners, share), mixRowsBackward(dY, partners, share)];
    expect(relativeError(arena.takeMatrix(y, B, C), expected[0].flat())).toBeLessThan(tolerance);
    expect(relativeError(arena.takeMatrix(dX, B, C), expected[1].flat())).toBeLessThan(tolerance);
    arena.check();
  });

  test('backward is the derivative', () => {
    const numbers = testNumbers(1);
    const [x, dY] = [drawMatrix(numbers, B, 3), drawMatrix(numbers, B, 3)];
    const loss = () =>
      mixRows(x, partners, share).reduce(
        (sum, row, b) => sum + row.reduce((part, value, k) => part + value * dY[b][k], 0),
        0,
      );
    expect(differenceError(x, mixRowsBackward(dY, partners, share), loss)).toBeLessThan(1e-9);
  });
});

describe('the share', () => {
  test.each([0.1, 0.2, 0.5, 1, 2, 4])('is the larger of a draw from Beta(%d, %d) and its rest', (alpha) => {
    const count = 4000;
    const shares = sharesOf(alpha, count);
    const twin = shares.map((_, step) => mixShare(Math.fround(alpha), 7, 3, step));
    expect(relativeError(shares, twin)).toBeLessThan(shareTolerance);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0.5);
    for (const share of shares) expect(share).toBeLessThanOrEqual(1);
    // E λ(1 − λ) = α / (2(2α + 1)), whichever is the larger; its spread is below 0.1.
    const mean = shares.reduce((sum, share) => sum + share * (1 - share), 0) / count;
    expect(Math.abs(mean - alpha / (2 * (2 * alpha + 1)))).toBeLessThan((4 * 0.1) / Math.sqrt(count));
  });

  test('is a number however small alpha is', () => {
    for (const share of sharesOf(1e-30, 100)) expect(share).toBe(1);
  });
});
