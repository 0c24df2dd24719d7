// Masks of random numbers that a recurrent cell reads: they are data, so that each use of one sees the same.

import { nextA, nextB, nextC, nextD, seedWord, uniform } from '../random';
import { setScaled, stride } from '../simd';
import { multiply } from '../vectors';

/**
 * Each number is `hit` with probability `rate`, else `miss`: 0 and 1/(1 − rate) drop, 1 and 0 zone out.
 * Writes  mask [count]      count is a multiple of 8
 */
export function drawMask(mask: usize, count: i32, rate: f32, hit: f32, miss: f32, seed: u32, stream: u32, step: u32): void {
  const threshold = f32x4.splat(rate);
  let a = seedWord(seed, stream, step, 0);
  let b = seedWord(seed, stream, step, 1);
  let c = seedWord(seed, stream, step, 2);
  let d = seedWord(seed, stream, step, 3);
  for (const end = mask + (<usize>count << 2); mask < end; mask += 16) {
    const isHit = f32x4.lt(uniform(a, d), threshold);
    v128.store(mask, v128.bitselect(f32x4.splat(hit), f32x4.splat(miss), isHit));
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}

/**
 * One mask a text at all its steps.
 *   y_(t,b) = mask_b∘x_(t,b)
 * Backward is this kernel on dY.
 * Writes  y [N,C8], in place allowed
 * Reads   x [N,C8] · mask [B,C8] · steps [T]
 * Error   0
 * Source  variational dropout of inputs: Gal & Ghahramani 2016
 */
export function maskTexts(y: usize, x: usize, mask: usize, steps: usize, T: i32, C: i32): void {
  const row = <usize>stride(C) << 2;
  for (let t = 0; t < T; t++) {
    const bytes = <usize>load<i32>(steps + (<usize>t << 2)) * row;
    multiply(y, x, mask, bytes);
    x += bytes;
    y += bytes;
  }
}

/**
 * Whole rows times a number of their own.
 *   x_r ← mask_r·x_r
 * Backward is this kernel on dX.
 * Writes  x [rows,C8] in place
 * Reads   mask [rows,8], of each row the first number
 * Error   0
 */
export function maskWholeRows(x: usize, mask: usize, rows: i32, C: i32): void {
  const row = <usize>stride(C) << 2;
  for (const end = x + <usize>rows * row; x < end; x += row, mask += 32) {
    setScaled(x, x, stride(C), load<f32>(mask));
  }
}
