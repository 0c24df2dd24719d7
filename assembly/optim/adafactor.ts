import { expScalar } from '../called';
import { logScalar } from '../math';
import { combineSquares } from '../moments';
import { put, rowAt, squaresOfRows, take } from '../rows';
import { setScaled } from '../simd';

/** ε1 of the paper: a mean square of nothing but zeros divides by no zero. */
const TINY: f64 = 1e-30;
/** The product of two such, which f32 does not hold, is taken for this, the smallest normal number. */
const LEAST: f32 = 1.1754943508222875e-38;

/**
 * Adafactor's direction: of squared gradients only means of rows and of columns are remembered.
 *   R_i = R_i + t_i^−decay·(mean_j g² − R_i)      C_j = C_j + t^−decay·(mean_i g² − C_j)
 *   u = g / √(R_i·C_j / mean C)
 *   g = u / max(1, rms u) · max(ε, rms p) · min(1, 1 / (rate·√t))
 * Rows that rest take no part in any mean; t_i counts the steps of row i, so that the first one's mean is its own. A
 * parameter that moves as one row has C for the mean square itself.
 * Writes  g      rows of width; R · steps [rows of p] · C [width]
 * Reads   p · sums [width] is scratch
 * Error   ≤ 3e-7 of the largest element after ten steps (measured)
 * Source  Shazeer & Stern 2018, algorithms 4 and 5; as PyTorch has the rate
 */
export function adafactorDirection(
  g: usize, R: usize, steps: usize, C: usize, sums: usize, p: usize, list: usize, rows: i32, width: i32,
  decay: f64, epsilon: f64, rate: f64, t: i32,
): void {
  if (rows == 0) return;
  const bytes = <usize>width << 2;
  memory.fill(sums, 0, bytes);
  for (let r = 0; r < rows; r++) {
    const at = g + rowAt(0, r, width);
    const one = rowAt(list, r, 1);
    const step = load<f32>(steps + one) + 1;
    const old = <f64>load<f32>(R + one);
    const square = squaresOfRows(at, 0, 1, width) / <f64>width + TINY;
    combineSquares(sums, at, width, 1, 1);
    store<f32>(steps + one, step);
    store<f32>(R + one, <f32>(old + share(step, decay) * (square - old)));
  }
  const mean = followColumns(C, sums, width, <f64>rows, share(<f32>t, decay));
  for (let r = 0; r < rows; r++) {
    divideRow(g + rowAt(0, r, width), C, bytes, <f32>(<f64>load<f32>(R + rowAt(list, r, 1)) / mean));
  }
  const count = <f64>rows * <f64>width;
  const rmsU = Math.sqrt(squaresOfRows(g, 0, rows, width) / count);
  const rmsP = Math.sqrt(squaresOfRows(p, list, rows, width) / count);
  const size = max<f64>(epsilon, rmsP) / max<f64>(1, rmsU);
  setScaled(g, g, rows * width, <f32>(size * min<f64>(1, 1 / (rate * Math.sqrt(<f64>t)))));
}

/** t^−decay */
function share(t: f32, decay: f64): f64 {
  return t == 1 ? 1 : <f64>expScalar(-<f32>decay * logScalar(t));
}

/** C goes its share to the means over the rows. Returns the mean of C. */
function followColumns(C: usize, sums: usize, width: i32, rows: f64, share: f64): f64 {
  let total: f64 = 0;
  for (let k: usize = 0, end = <usize>width << 2; k < end; k += 4) {
    const old = <f64>load<f32>(C + k);
    const now = <f32>(old + share * (<f64>load<f32>(sums + k) / rows + TINY - old));
    store<f32>(C + k, now);
    total += <f64>now;
  }
  return total / <f64>width;
}

/** g = g / √(factor·C) */
function divideRow(g: usize, C: usize, bytes: usize, factor: f32): void {
  const times = f32x4.splat(factor);
  for (let k: usize = 0; k < bytes; k += 16) {
    const left = bytes - k;
    const root = f32x4.sqrt(f32x4.max(f32x4.mul(take(C + k, left), times), f32x4.splat(LEAST)));
    put(g + k, left, f32x4.div(take(g + k, left), root));
  }
}
