// Activations of whole rows: count is a multiple of 8 floats; any result may take the place of any argument.

import { tanhs } from '../vectors';

/**
 * y = max(x, 0); NaN stays NaN
 * Writes  y [count]
 * Reads   x [count]
 * Error   0
 */
export function reluForward(y: usize, x: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 16) {
    v128.store(y + k, f32x4.max(v128.load(x + k), zero));
  }
}

/**
 * dX = dY where y > 0 (or y is NaN), else 0
 * Writes  dX [count]
 * Reads   dY [count] · y [count]
 * Error   0
 */
export function reluBackward(dX: usize, dY: usize, y: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 16) {
    v128.store(dX + k, v128.andnot(v128.load(dY + k), f32x4.le(v128.load(y + k), zero)));
  }
}

/**
 * y = tanh x
 * Writes  y [count]
 * Reads   x [count]
 * Error   ≤ 4.2e-7 per element (math.ts)
 */
export function tanhForward(y: usize, x: usize, count: i32): void {
  tanhs(y, x, <usize>count << 2);
}

/**
 * dX = dY·(1 − y²), as (1 − y)(1 + y), which loses nothing where y is near ±1
 * Writes  dX [count]
 * Reads   dY [count] · y [count]
 * Error   ≤ 2.4e-7 per element
 */
export function tanhBackward(dX: usize, dY: usize, y: usize, count: i32): void {
  const one = f32x4.splat(1);
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 16) {
    const a = v128.load(y + k);
    const slope = f32x4.mul(f32x4.sub(one, a), f32x4.add(one, a));
    v128.store(dX + k, f32x4.mul(v128.load(dY + k), slope));
  }
}
