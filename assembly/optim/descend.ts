import { put, rowAt, take } from '../rows';
import { madd } from '../simd';

/**
 * Parameters go down the direction that an optimiser has made of their gradient.
 *   p −= rate·direction
 * Writes  p      rows of width
 * Reads   direction
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function descend(p: usize, direction: usize, list: usize, rows: i32, width: i32, rate: f32): void {
  addTimes(p, direction, list, rows, width, -rate);
}

/**
 * Weight decay: before an optimiser it is that of L2, behind it the decoupled one.
 *   g += factor·p
 * Writes  g      rows of width
 * Reads   p
 * Error   ≤ 2e-7 of the largest element (measured)
 * Source  Loshchilov & Hutter 2019
 */
export function addDecay(g: usize, p: usize, list: usize, rows: i32, width: i32, factor: f32): void {
  addTimes(g, p, list, rows, width, factor);
}

function addTimes(y: usize, x: usize, list: usize, rows: i32, width: i32, a: f32): void {
  const factor = f32x4.splat(a);
  for (let r = 0; r < rows; r++) {
    const at = rowAt(list, r, width);
    for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) {
      const left = end - k;
      put(y + k, left, madd(take(x + k, left), factor, take(y + k, left)));
    }
  }
}
