import { gradientAt, put, rowAt, take } from '../rows';
import { madd } from '../simd';

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
  const decay = f32x4.splat(<f32>rho);
  const growth = f32x4.splat(<f32>(1 - rho));
  const floor = f32x4.splat(<f32>epsilon);
  for (let r = 0; r < rows; r++) {
    const at = rowAt(list, r, width);
    const own = gradientAt(g, r, width, at);
    for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) {
      const left = end - k;
      const x = take(own + k, left);
      const oldU = take(u + k, left);
      const newV = madd(f32x4.mul(x, x), growth, f32x4.mul(take(v + k, left), decay));
      const root = f32x4.div(f32x4.sqrt(f32x4.add(oldU, floor)), f32x4.sqrt(f32x4.add(newV, floor)));
      const direction = f32x4.mul(root, x);
      put(v + k, left, newV);
      put(u + k, left, madd(f32x4.mul(direction, direction), growth, f32x4.mul(oldU, decay)));
      put(own + k, left, direction);
    }
  }
}
