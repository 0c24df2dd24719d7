import { put, take } from '../rows';
import { setScaled } from '../simd';

/**
 * Clipping by value.
 *   g = min(max(g, −limit), limit)      a NaN stays
 * Writes  g [n]      any n, any alignment
 * Error   0
 */
export function clipValues(g: usize, n: i32, limit: f32): void {
  const most = f32x4.splat(limit);
  const least = f32x4.splat(-limit);
  for (const end = g + (<usize>n << 2); g < end; g += 16) {
    put(g, end - g, f32x4.max(f32x4.min(take(g, end - g), most), least));
  }
}

/**
 * Clipping by norm, once the norm is known.
 *   g = factor·g
 * Writes  g [n]      any n, any alignment
 * Error   ≤ 6e-8 of each element (measured)
 * Source  Pascanu et al. 2013
 */
export function scaleGradient(g: usize, n: i32, factor: f32): void {
  if (factor != 1) setScaled(g, g, n, factor);
}
