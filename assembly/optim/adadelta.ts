import { combineSquares } from '../moments';
import { put, rowAt, take } from '../rows';

/**
 * Adadelta's direction, as PyTorch computes it: in the units of the parameter, whatever those of the gradient.
 *   v = ρ·v + (1 − ρ)·g²      g = √(u + ε) / √(v + ε) · g      u = ρ·u + (1 − ρ)·g²
 * Writes  g · v · u      rows of width
 * Error   ≤ 6e-7 of the largest element after ten steps (measured)
 * Source  Zeiler 2012
 */
export function adadeltaDirection(
  g: usize, v: usize, u: usize, list: usize, rows: i32, width: i32,
  rho: f64, epsilon: f64,
): void {
  const floor = f32x4.splat(<f32>epsilon);
  for (let r = 0; r < rows; r++) {
    const own = g + rowAt(0, r, width);
    const at = rowAt(list, r, width);
    combineSquares(v + at, own, width, <f32>rho, <f32>(1 - rho));
    for (let k: usize = 0, end = <usize>width << 2; k < end; k += 16) {
      const left = end - k;
      const above = f32x4.sqrt(f32x4.add(take(u + at + k, left), floor));
      const below = f32x4.sqrt(f32x4.add(take(v + at + k, left), floor));
      put(own + k, left, f32x4.mul(f32x4.div(above, below), take(own + k, left)));
    }
    combineSquares(u + at, own, width, <f32>rho, <f32>(1 - rho));
  }
}
