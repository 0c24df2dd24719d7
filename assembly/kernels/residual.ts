// What goes round a branch: count is a multiple of 8 floats.

import { addScaled } from '../simd';

/**
 * y = x + f
 * Writes  y [count]
 * Reads   x, f [count]
 * Error   ≤ 6e-8 per element: one rounding
 * Source  He et al. 2015
 */
export function residualForward(y: usize, x: usize, f: usize, count: i32): void {
  memory.copy(y, x, <usize>count << 2);
  addScaled(y, f, count, 1);
}

/**
 * Before the branch runs back: it is given all of y's gradient.
 *   dF = dY
 * Writes  dF [count]
 * Reads   dY [count]
 * Error   0
 */
export function residualEnter(dF: usize, dY: usize, count: i32): void {
  memory.copy(dF, dY, <usize>count << 2);
}

/**
 * After it: x has what the branch gave it, and all of y's gradient, too.
 *   dX ← dX + dY
 * Writes  dX [count] in place
 * Reads   dY [count]
 * Error   ≤ 6e-8 per element: one rounding
 */
export function residualBackward(dX: usize, dY: usize, count: i32): void {
  addScaled(dX, dY, count, 1);
}
