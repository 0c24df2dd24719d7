import { power } from '../math';
import { combineSquares } from '../moments';
import { gradientAt, put, rowAt, take } from '../rows';
import { madd } from '../simd';

/**
 * Schedule-free AdamW. Gradients are taken at y, between z, which goes down them, and x, the mean of all z.
 *   v = β2·v + (1 − β2)·g²      d = g / (√(v / (1 − β2^t)) + ε) + λ·y
 *   z = z − γ·d      x = x + c·(z − x)      y = x + (1 − β1)·(z − x)      c = γ² / Σ γ²
 * Of x and z their difference e is kept, which begins as zero:
 *   w = e − γ·d      y += (1 − β1·(1 − c))·w − (1 − β1)·e      e = (1 − c)·w
 * Each row counts its own steps t and its own Σ γ², so that a row which rests begins no later than any other.
 * Writes  y · e · v      rows of width; clocks [rows of y, 2]: t and Σ γ²
 * Reads   g
 * Error   ≤ 3e-7 of the largest element after ten steps (measured)
 * Source  Defazio et al. 2024
 */
export function scheduleFreeMove(
  y: usize, e: usize, v: usize, clocks: usize, g: usize, list: usize, rows: i32, width: i32,
  beta1: f64, beta2: f64, epsilon: f64, decay: f64, rate: f64,
): void {
  const gamma = f32x4.splat(<f32>-rate);
  const lambda = f32x4.splat(<f32>decay);
  const floor = f32x4.splat(<f32>epsilon);
  const back = f32x4.splat(<f32>(beta1 - 1));
  for (let r = 0; r < rows; r++) {
    const clock = clocks + rowAt(list, r, 2);
    const t = load<f32>(clock) + 1;
    const sum = <f64>load<f32>(clock, 4) + rate * rate;
    store<f32>(clock, t);
    store<f32>(clock, <f32>sum, 4);
    const c = sum > 0 ? (rate * rate) / sum : 0;
    const ahead = f32x4.splat(<f32>(1 - beta1 * (1 - c)));
    const rest = f32x4.splat(<f32>(1 - c));
    const rootFactor = f32x4.splat(<f32>Math.sqrt(1 / (1 - power(beta2, <i32>t))));
    const at = rowAt(list, r, width);
    const own = gradientAt(g, r, width, at);
    combineSquares(v + at, own + at, width, <f32>beta2, <f32>(1 - beta2));
    for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) {
      const left = end - k;
      const x = take(own + k, left);
      const oldY = take(y + k, left);
      const oldE = take(e + k, left);
      const direction = f32x4.div(x, madd(f32x4.sqrt(take(v + k, left)), rootFactor, floor));
      const w = madd(madd(oldY, lambda, direction), gamma, oldE);
      put(e + k, left, f32x4.mul(w, rest));
      put(y + k, left, madd(w, ahead, madd(oldE, back, oldY)));
    }
  }
}
