/**
 * Adds to each row of a packed batch what stands for its place t in its text.
 *   y_tb = x_tb + p_t
 * Learnt: p is a table [longest,C]. Sinusoidal: p_t[2i] = sin(ω_i·t)/√C, p_t[2i+1] = cos(ω_i·t)/√C, ω_i = 10000^(−2i/C).
 * Source  Vaswani et al. 2017, who make words √C times as long instead: at their own length places would drown them
 */
import { addScaled, addScaledI8, stride } from '../simd';

/**
 * Writes  y [N,C8]
 * Reads   x [N,C8] · table [longest,C] · steps [T], T ≤ longest
 * Error   ≤ 6e-8 per element: one rounding
 */
export function positionsForward(y: usize, x: usize, table: usize, steps: usize, T: i32, C: i32): void {
  const row = <usize>stride(C) << 2;
  for (let t = 0; t < T; t++, table += <usize>C << 2) {
    for (let alive = load<i32>(steps + (<usize>t << 2)); alive > 0; alive--, x += row, y += row) {
      memory.copy(y, x, row);
      addScaled(y, table, C, 1);
    }
  }
}

/** positionsForward with an int8 table [longest,C] and scales [longest]. */
export function positionsForwardQuantised(
  y: usize, x: usize, table: usize, scales: usize, steps: usize, T: i32, C: i32,
): void {
  const row = <usize>stride(C) << 2;
  for (let t = 0; t < T; t++, table += C, scales += 4) {
    for (let alive = load<i32>(steps + (<usize>t << 2)); alive > 0; alive--, x += row, y += row) {
      memory.copy(y, x, row);
      addScaledI8(y, table, C, load<f32>(scales));
    }
  }
}

/**
 *   dX = dY      dTable_t += Σ_b dY_tb
 * Writes  dX [N,C8]
 * Adds to dTable [longest,C]
 * Reads   dY [N,C8] · steps [T]
 * Error   ≤ 1e-7 of the largest element (measured)
 */
export function positionsBackward(dX: usize, dTable: usize, dY: usize, steps: usize, N: i32, T: i32, C: i32): void {
  const row = <usize>stride(C) << 2;
  memory.copy(dX, dY, <usize>N * row);
  for (let t = 0; t < T; t++, dTable += <usize>C << 2) {
    for (let alive = load<i32>(steps + (<usize>t << 2)); alive > 0; alive--, dY += row) addScaled(dTable, dY, C, 1);
  }
}

/**
 * Each pair (sin, cos) turns by its angle from step to step, in float64.
 * Writes  y [N,C8]
 * Reads   x [N,C8] · steps [T]
 * Scratch 5·C8 floats
 * Error   ≤ 2e-7 of the largest element up to T = 65,536 (measured)
 */
export function positionsSinusoid(y: usize, x: usize, steps: usize, scratch: usize, T: i32, C: i32): void {
  const C8 = stride(C);
  const row = <usize>C8 << 2;
  const now = scratch; // [C8] as it is added
  const turns = scratch + row; // f64: sin ω, cos ω, sin ωt, cos ωt of each pair
  const size = 1 / Math.sqrt(<f64>C);
  memory.fill(now, 0, row);
  for (let i = 0, at = turns; i < C; i += 2, at += 32) {
    const angle = power(-9.210340371976184 * <f64>i / <f64>C); // ln 10000
    store<f64>(at, series(angle, 2, angle));
    store<f64>(at, series(1, 1, angle), 8);
    store<f64>(at, 0, 16);
    store<f64>(at, 1, 24);
  }
  for (let t = 0; t < T; t++) {
    for (let i = 0, at = turns; i < C; i += 2, at += 32) {
      const s = load<f64>(at, 16), c = load<f64>(at, 24);
      const to = now + (<usize>i << 2);
      store<f32>(to, <f32>(size * s));
      if (i + 1 < C) store<f32>(to, <f32>(size * c), 4);
      store<f64>(at, s * load<f64>(at, 8) + c * load<f64>(at), 16);
      store<f64>(at, c * load<f64>(at, 8) - s * load<f64>(at), 24);
    }
    for (let alive = load<i32>(steps + (<usize>t << 2)); alive > 0; alive--, x += row, y += row) {
      for (let k: usize = 0; k < row; k += 16) v128.store(y + k, f32x4.add(v128.load(x + k), v128.load(now + k)));
    }
  }
}

/** e^x for −10 ≤ x ≤ 0, by its series at x/1024. */
function power(x: f64): f64 {
  const a = x / 1024;
  let sum = <f64>1, term = <f64>1;
  for (let n = 1; n < 12; n++) {
    term *= a / <f64>n;
    sum += term;
  }
  for (let n = 0; n < 10; n++) sum *= sum;
  return sum;
}

/** Sum of a series that goes on from `term` by −x²/(n(n + 1)), n by twos: of 0 ≤ x ≤ 1 sin x from x and n = 2, cos x from 1 and 1. */
function series(term: f64, n: i32, x: f64): f64 {
  let sum = term;
  for (; n < 20; n += 2) {
    term *= -x * x / <f64>(n * (n + 1));
    sum += term;
  }
  return sum;
}
