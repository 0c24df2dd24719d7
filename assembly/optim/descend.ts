import { gradientAt, put, rowAt, take } from '../rows';
import { madd } from '../simd';

/**
 * Parameters go down the direction that an optimiser has made of their gradient.
 *   p −= rate·direction
 * Writes  p      rows of width
 * Reads   direction
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function descend(p: usize, direction: usize, list: usize, rows: i32, width: i32, rate: f32): void {
  const factor = f32x4.splat(-rate);
  for (let r = 0; r < rows; r++) {
    const at = rowAt(list, r, width);
    const own = gradientAt(direction, r, width, at);
    for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) {
      const left = end - k;
      put(p + k, left, madd(take(own + k, left), factor, take(p + k, left)));
    }
  }
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
  const share = f32x4.splat(factor);
  for (let r = 0; r < rows; r++) {
    const at = rowAt(list, r, width);
    const own = gradientAt(g, r, width, at);
    for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) {
      const left = end - k;
      put(own + k, left, madd(take(p + k, left), share, take(own + k, left)));
    }
  }
}
