// From a packed batch to one row a sequence. steps [T] says how many sequences are alive at each step, the longest
// first, so steps[0] = B (a later chunk of a stream may have fewer); N = Σ steps rows lie step after step.

import { addScaled, setScaled, stride } from '../simd';

/**
 * The state each direction ends in: the last step for features below reverseFrom, step 0 for the others.
 *   y_b = x[last row of b][0..reverseFrom) | x[first row of b][reverseFrom..C)
 * Writes  y [B,C8]
 * Reads   x [N,C8] · steps [T]
 * Error   0
 */
export function poolLastForward(y: usize, x: usize, steps: usize, T: i32, B: i32, C: i32, reverseFrom: i32): void {
  const rowBytes = <usize>stride(C) << 2;
  memory.copy(y, x, <usize>B * rowBytes);
  for (let t = 0; t < T; t++) {
    const alive = aliveAt(steps, t);
    for (let b = t + 1 < T ? aliveAt(steps, t + 1) : 0; b < alive; b++) {
      memory.copy(y + <usize>b * rowBytes, x + <usize>b * rowBytes, <usize>reverseFrom << 2);
    }
    x += <usize>alive * rowBytes;
  }
}

/**
 * Each dY_b goes to the rows its features came from, zero to all others.
 * Writes  dX [N,C8]
 * Reads   dY [B,C8] · steps [T]
 * Error   0
 */
export function poolLastBackward(
  dX: usize, dY: usize, steps: usize, T: i32, B: i32, C: i32, reverseFrom: i32,
): void {
  const rowBytes = <usize>stride(C) << 2;
  const forwardBytes = <usize>reverseFrom << 2;
  let x = dX;
  for (let t = 0; t < T; t++) {
    const alive = aliveAt(steps, t);
    memory.fill(x, 0, <usize>alive * rowBytes);
    for (let b = t + 1 < T ? aliveAt(steps, t + 1) : 0; b < alive; b++) {
      memory.copy(x + <usize>b * rowBytes, dY + <usize>b * rowBytes, forwardBytes);
    }
    x += <usize>alive * rowBytes;
  }
  for (let b = 0; b < B; b++) {
    memory.copy(dX + forwardBytes, dY + forwardBytes, (<usize>C << 2) - forwardBytes);
    dX += rowBytes;
    dY += rowBytes;
  }
}

/**
 *   y_b = sum_b / lengths_b      sum_b = Σ_t x_{t,b}, in the order of t
 * keep = 0 starts a new sum; keep = 1 continues that of the chunks before, lengths counting them too.
 * Writes  y [B,C8] · sum [B,C8]
 * Reads   x [N,C8] · steps [T] · lengths [B]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function poolMeanForward(
  y: usize, sum: usize, x: usize, steps: usize, lengths: usize, T: i32, B: i32, C: i32, keep: i32,
): void {
  const C8 = stride(C);
  const rowBytes = <usize>C8 << 2;
  if (!keep) memory.fill(sum, 0, <usize>B * rowBytes);
  for (let t = 0; t < T; t++) {
    const alive = aliveAt(steps, t);
    addScaled(sum, x, alive * C8, 1);
    x += <usize>alive * rowBytes;
  }
  for (let b = 0; b < B; b++) {
    setScaled(y, sum, C8, <f32>1 / <f32>load<i32>(lengths + (<usize>b << 2)));
    y += rowBytes;
    sum += rowBytes;
  }
}

/**
 *   dX_{t,b} = dY_b / lengths_b
 * Writes  dX [N,C8]
 * Reads   dY [B,C8] · steps [T] · lengths [B]
 * Error   ≤ 1.2e-7 per element: the reciprocal, then the product
 */
export function poolMeanBackward(dX: usize, dY: usize, steps: usize, lengths: usize, T: i32, B: i32, C: i32): void {
  const C8 = stride(C);
  const rowBytes = <usize>C8 << 2;
  const first = dX;
  for (let b = 0; b < B; b++) {
    setScaled(dX, dY, C8, <f32>1 / <f32>load<i32>(lengths + (<usize>b << 2)));
    dX += rowBytes;
    dY += rowBytes;
  }
  for (let t = 1; t < T; t++) {
    const bytes = <usize>aliveAt(steps, t) * rowBytes;
    memory.copy(dX, first, bytes);
    dX += bytes;
  }
}

/**
 *   y_b = max_t x_{t,b}      argmax = the row n it stands in, the first of equals; NaN counts as the largest
 * keep = 0 starts anew; keep = 1 goes on from the y that is there.
 * Writes  y [B,C8] · argmax [B,C8] (Int32)
 * Reads   x [N,C8] · steps [T]
 * Error   0
 */
export function poolMaxForward(
  y: usize, argmax: usize, x: usize, steps: usize, T: i32, B: i32, C: i32, keep: i32,
): void {
  const rowBytes = <usize>stride(C) << 2;
  if (!keep) {
    memory.copy(y, x, <usize>B * rowBytes);
    for (let b = 0; b < B; b++) {
      for (let k: usize = 0; k < rowBytes; k += 4) store<i32>(argmax + <usize>b * rowBytes + k, b);
    }
  }
  let n = 0;
  for (let t = 0; t < T; t++) {
    const aliveBytes = <usize>aliveAt(steps, t) * rowBytes;
    for (let row: usize = 0; row < aliveBytes; row += rowBytes) {
      const here = i32x4.splat(n++);
      for (let k = row; k < row + rowBytes; k += 16) {
        const a = v128.load(x + k);
        const best = v128.load(y + k);
        // a > best, or a is the first NaN: not (a ≤ best), and best is a number.
        const better = v128.andnot(f32x4.eq(best, best), f32x4.le(a, best));
        v128.store(y + k, v128.bitselect(a, best, better));
        v128.store(argmax + k, v128.bitselect(here, v128.load(argmax + k), better));
      }
    }
    x += aliveBytes;
  }
}

/**
 *   dX[argmax_bj][j] = dY_bj, zero elsewhere
 * Writes  dX [N,C8]
 * Reads   dY [B,C8] · argmax [B,C8] (Int32)
 * Error   0
 */
export function poolMaxBackward(dX: usize, dY: usize, argmax: usize, N: i32, B: i32, C: i32): void {
  const rowBytes = <usize>stride(C) << 2;
  memory.fill(dX, 0, <usize>N * rowBytes);
  for (let b = 0; b < B; b++) {
    for (let k: usize = 0, end = <usize>C << 2; k < end; k += 4) {
      store<f32>(dX + <usize>load<i32>(argmax + k) * rowBytes + k, load<f32>(dY + k));
    }
    dY += rowBytes;
    argmax += rowBytes;
  }
}

@inline function aliveAt(steps: usize, t: i32): i32 {
  return load<i32>(steps + (<usize>t << 2));
}
