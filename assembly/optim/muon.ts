import { matmul } from '../matmul';
import { packRowsAt, packTransposed } from '../panels';
import { combine } from '../moments';
import { squaresOfRows } from '../rows';
import { stride } from '../simd';

/** Of the iteration x → A·x + B·x³ + C·x⁵ of singular values, steep at zero. */
const A: f32 = 3.4445;
const B: f32 = -4.775;
const C: f32 = 2.0315;
const STEPS: i32 = 5;
/** Added to the norm, so that nothing is divided by zero. */
const TINY: f64 = 1e-7;

/**
 * Muon's direction: of each matrix the nearest one, about, whose singular values are all 1, by five Newton–Schulz steps,
 *   X = G / ‖G‖      X = 3.4445·X + (−4.775·XXᵀ + 2.0315·(XXᵀ)²)·X      G = 0.2·√max(m, n)·X
 * after which singular values lie between 0.68 and 1.21; those below 0.002 of the norm have not arrived. At that scale the
 * root mean square of a direction is about 0.2, as of AdamW's, so that one learning rate does for both.
 * Writes  g [count·m, n]: count matrices one upon the other, each by itself
 * Scratch r = min(m, n), s = max(m, n): 2·r·s8 + 2·r·r8 + r8·s8 floats
 * Error   ≤ 6e-6 of the largest element (measured)
 * Cost    10·count·(2·r²·s + r³) flop
 * Source  Jordan et al. 2024; the scale: Liu et al. 2025
 */
export function orthogonalise(g: usize, scratch: usize, count: i32, m: i32, n: i32): void {
  const r = min(m, n);
  const s = max(m, n);
  const s8 = stride(s);
  const r8 = stride(r);
  const x = scratch; // [r,s8]
  const y = x + (<usize>(r * s8) << 2); // [r,s8]
  const gram = y + (<usize>(r * s8) << 2); // [r,r8]
  const even = gram + (<usize>(r * r8) << 2); // [r,r8]
  const panels = even + (<usize>(r * r8) << 2); // [r8·s8]
  const scale = <f32>(0.2 * Math.sqrt(<f64>s));
  for (let i = 0; i < count; i++, g += <usize>(m * n) << 2) {
    const factor = <f32>(1 / (Math.sqrt(squaresOfRows(g, 0, m, n)) + TINY));
    memory.fill(x, 0, <usize>(r * s8) << 2);
    turn(x, g, m, n, s8, factor, false);
    for (let step = 0; step < STEPS; step++) {
      packTransposed(panels, x, r, s8);
      matmul(gram, x, panels, r, r, s8, s8, r8, 0);
      packRowsAt(panels, gram, r, r, r8, r, 0);
      matmul(even, gram, panels, r, r, r, r8, r8, 0);
      combine(even, gram, r * r8, C, B);
      packRowsAt(panels, x, r, s, s8, r, 0);
      matmul(y, even, panels, r, s, r, r8, s8, 0);
      combine(x, y, r * s8, A, 1);
    }
    turn(x, g, m, n, s8, scale, true);
  }
}

/** x [r,s8] = factor·g [m,n], on its side if it is higher than wide, or the way `back`. */
function turn(x: usize, g: usize, m: i32, n: i32, s8: i32, factor: f32, back: bool): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++, g += 4) {
      const at = x + (<usize>(m > n ? j * s8 + i : i * s8 + j) << 2);
      store<f32>(back ? g : at, load<f32>(back ? at : g) * factor);
    }
  }
}
