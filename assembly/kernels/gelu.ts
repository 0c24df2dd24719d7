// GELU of whole rows: count is a multiple of 8 floats; any result may take the place of any argument.

import { exp } from '../called';
import { normalCdf } from '../math';
import { madd } from '../simd';

/**
 * y = x·Φ(x), Φ the normal distribution: the exact form, by erf, not the one by tanh.
 * Writes  y [count]
 * Reads   x [count]
 * Error   ≤ 5e-7 absolute, |x| ≤ 6 (measured)
 * Source  Hendrycks & Gimpel 2016
 */
export function geluForward(y: usize, x: usize, count: i32): void {
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 16) {
    const a = f32x4.pmax(v128.load(x + k), f32x4.splat(-40)); // −∞·0 would be no number
    v128.store(y + k, f32x4.mul(a, normalCdf(a, density(a))));
  }
}

/**
 * dX = dY·(Φ(x) + x·φ(x)), φ the normal density
 * Writes  dX [count]
 * Reads   dY, x [count]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function geluBackward(dX: usize, dY: usize, x: usize, count: i32): void {
  const factor = f32x4.splat(0.3989422804); // 1/√(2π)
  const most = f32x4.splat(40);
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 16) {
    const a = f32x4.pmin(f32x4.pmax(v128.load(x + k), f32x4.neg(most)), most);
    const e = density(a);
    const slope = madd(f32x4.mul(a, factor), e, normalCdf(a, e));
    v128.store(dX + k, f32x4.mul(v128.load(dY + k), slope));
  }
}

/** e^(−x²/2) */
@inline function density(x: v128): v128 {
  return exp(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}
