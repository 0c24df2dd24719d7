import { gradientAt, put, rowAt, take } from '../rows';
import { madd } from '../simd';

/**
 * Lion's direction: of each element only where it goes.
 *   g' = sign(m + (1 − β1)(g − m))      m = m + (1 − β2)(g − m)      g = g'
 * Writes  g · m      rows of width
 * Error   0 but where the sum is about 0; m ≤ 6e-7 of the largest element after ten steps (measured)
 * Source  Chen et al. 2023
 */
export function lionDirection(
  g: usize, m: usize, list: usize, rows: i32, width: i32,
  beta1: f64, beta2: f64,
): void {
  const toward = f32x4.splat(<f32>(1 - beta1));
  const mix = f32x4.splat(<f32>(1 - beta2));
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let r = 0; r < rows; r++) {
    const at = rowAt(list, r, width);
    const own = gradientAt(g, r, width, at);
    for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) {
      const left = end - k;
      const x = take(own + k, left);
      const oldM = take(m + k, left);
      const change = f32x4.sub(x, oldM);
      const ahead = madd(change, toward, oldM);
      const up = v128.and(one, f32x4.gt(ahead, zero));
      put(own + k, left, f32x4.sub(up, v128.and(one, f32x4.lt(ahead, zero))));
      put(m + k, left, madd(change, mix, oldM));
    }
  }
}
