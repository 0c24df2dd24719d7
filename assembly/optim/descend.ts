import { rowAt } from '../rows';
import { addScaled } from '../simd';

/**
 * Parameters go down the direction that an optimiser has made of their gradient.
 *   p −= rate·direction
 * Writes  p      rows of width
 * Reads   direction
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function descend(p: usize, direction: usize, list: usize, rows: i32, width: i32, rate: f32): void {
  for (let r = 0; r < rows; r++) {
    addScaled(p + rowAt(list, r, width), direction + rowAt(0, r, width), width, -rate);
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
  for (let r = 0; r < rows; r++) {
    addScaled(g + rowAt(0, r, width), p + rowAt(list, r, width), width, factor);
  }
}
