/**
 * Batch normalisation of each of C features over the rows of a batch, and batch renormalisation.
 *   μ, σ² = mean and variance over the rows      x̂ = (x − μ)/√(σ² + ε)
 *   y = γ·(r·x̂ + d) + β      r = √(σ² + ε)/√(running σ² + ε) within 1/most … most
 *                            d = (μ − running μ)/√(running σ² + ε) within −shift … shift
 * With most = 1 and shift = 0, r = 1 and d = 0: batch normalisation. Backward takes r and d for constants.
 * Source  Ioffe & Szegedy 2015; renormalisation: Ioffe 2017
 *
 * The inverse of either undoes y by the same statistics: x = (y − (γ·d + β))·√(σ² + ε)/(γ·r) + μ.
 *
 * What the kernels hand on lies in `table`, rows of C8 numbers whose padding is zero, so that of y is:
 *   0 μ   1 γ·r/√(σ² + ε)   2 γ·d + β   3 σ²   4 1/√(σ² + ε)   5 r   6 d   7 Σ dY   8 Σ dY·x̂
 * and that of the inverse is three rows of the same form.
 */
import { columnMoments } from '../normal';
import { madd, stride } from '../simd';

/**
 * For prediction the running statistics stand in the place of a batch's.
 * Writes  table [3,C8], its first three rows
 * Reads   gamma, beta, mean, variance [C]
 */
export function batchNormPrepare(
  table: usize, gamma: usize, beta: usize, mean: usize, variance: usize, C: i32, epsilon: f32,
): void {
  const row = <usize>stride(C) << 2;
  memory.fill(table, 0, 3 * row);
  for (let k: usize = 0, end = <usize>C << 2; k < end; k += 4) {
    store<f32>(table + k, load<f32>(mean + k));
    store<f32>(table + row + k, load<f32>(gamma + k) / sqrt<f32>(load<f32>(variance + k) + epsilon));
    store<f32>(table + 2 * row + k, load<f32>(beta + k));
  }
}

/**
 * For training: the statistics of the batch itself.
 * Writes  table [9,C8], the sums zero
 * Reads   x [rows,C8] · gamma, beta, mean, variance [C]
 */
export function batchNormStatistics(
  table: usize, x: usize, gamma: usize, beta: usize, mean: usize, variance: usize,
  rows: i32, C: i32, epsilon: f32, most: f32, shift: f32,
): void {
  const row = <usize>stride(C) << 2;
  const squares = table + 3 * row;
  memory.fill(table, 0, 9 * row);
  if (rows == 0) return;
  columnMoments(table, table + 4 * row, squares, x, 0, rows, row, stride(C), epsilon);
  memory.fill(table + 4 * row + (<usize>C << 2), 0, row - (<usize>C << 2));
  for (let k: usize = 0, end = <usize>C << 2; k < end; k += 4) {
    const at = table + k;
    const deviation = sqrt<f32>(load<f32>(squares + k) + epsilon);
    const running = sqrt<f32>(load<f32>(variance + k) + epsilon);
    const r = min(max(deviation / running, <f32>1 / most), most);
    const d = min(max((load<f32>(at) - load<f32>(mean + k)) / running, -shift), shift);
    store<f32>(at + row, load<f32>(gamma + k) * (r / deviation));
    store<f32>(at + 2 * row, load<f32>(gamma + k) * d + load<f32>(beta + k));
    store<f32>(at + 5 * row, r);
    store<f32>(at + 6 * row, d);
  }
}

/**
 *   y = (x − row 0)·row 1 + row 2      of the table
 * Writes  y [rows,C8], in place allowed
 * Reads   x [rows,C8] · table of batchNormPrepare or batchNormStatistics
 * Error   ≤ 4e-7 of the largest element (measured)
 */
export function batchNormForward(y: usize, x: usize, table: usize, rows: i32, C: i32): void {
  const row = <usize>stride(C) << 2;
  for (let r = 0; r < rows; r++, x += row, y += row) {
    for (let k: usize = 0; k < row; k += 16) {
      const off = f32x4.sub(v128.load(x + k), v128.load(table + k));
      v128.store(y + k, madd(off, v128.load(table + row + k), v128.load(table + 2 * row + k)));
    }
  }
}

/**
 *   dX = γ·r/√(σ² + ε)·(dY − mean dY − x̂·mean(dY·x̂))      dγ += Σ dY·(r·x̂ + d)      dβ += Σ dY
 * and the batch's statistics, times its share of all rows, to what the running ones move to. Their variance is the
 * unbiased one; a single row tells nothing of it, so it leaves the running one as it is.
 * Writes  dX [rows,C8]
 * Adds to dGamma, dBeta, dMean, dVariance [C] · rows 7 and 8 of the table, where the inverse has left its part
 * Reads   dY, x [rows,C8] · table of batchNormStatistics · variance [C]
 * Error   ≤ 5e-7 of the largest element, of dX 3e-6 from three rows on (measured)
 */
export function batchNormBackward(
  dX: usize, dGamma: usize, dBeta: usize, dMean: usize, dVariance: usize, table: usize,
  dY: usize, x: usize, variance: usize, rows: i32, C: i32, share: f32,
): void {
  if (rows == 0) return;
  const row = <usize>stride(C) << 2;
  const inverse = table + 4 * row;
  const sums = table + 7 * row;
  const products = table + 8 * row;
  for (let r: usize = 0, end = <usize>rows * row; r < end; r += row) {
    for (let k: usize = 0; k < row; k += 16) {
      const dy = v128.load(dY + r + k);
      const normal = f32x4.mul(f32x4.sub(v128.load(x + r + k), v128.load(table + k)), v128.load(inverse + k));
      v128.store(sums + k, f32x4.add(v128.load(sums + k), dy));
      v128.store(products + k, madd(dy, normal, v128.load(products + k)));
    }
  }
  const one = f32x4.splat(<f32>1 / <f32>rows);
  for (let r: usize = 0, end = <usize>rows * row; r < end; r += row) {
    for (let k: usize = 0; k < row; k += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + r + k), v128.load(table + k)), v128.load(inverse + k));
      const means = f32x4.mul(madd(normal, v128.load(products + k), v128.load(sums + k)), one);
      v128.store(dX + r + k, f32x4.mul(f32x4.sub(v128.load(dY + r + k), means), v128.load(table + row + k)));
    }
  }
  const unbiased: f32 = rows > 1 ? <f32>rows / <f32>(rows - 1) : 0;
  for (let k: usize = 0, end = <usize>C << 2; k < end; k += 4) {
    const at = table + k;
    const own = rows > 1 ? load<f32>(at + 3 * row) * unbiased : load<f32>(variance + k);
    add(dGamma + k, load<f32>(at + 5 * row) * load<f32>(products + k) + load<f32>(at + 6 * row) * load<f32>(sums + k));
    add(dBeta + k, load<f32>(sums + k));
    add(dMean + k, load<f32>(at) * share);
    add(dVariance + k, own * share);
  }
}

/**
 * The table of the inverse:  x = (y − row 0)·row 1 + row 2
 * Writes  inverse [3,C8]
 * Reads   table of batchNormPrepare or batchNormStatistics
 * Error   ≤ 2.2e-7 of the largest x, from x through both and back (measured, γ from 0.5 to 2)
 */
export function batchNormInvert(inverse: usize, table: usize, C: i32): void {
  const row = <usize>stride(C) << 2;
  memory.fill(inverse, 0, 3 * row);
  for (let k: usize = 0, end = <usize>C << 2; k < end; k += 4) {
    store<f32>(inverse + k, load<f32>(table + 2 * row + k));
    store<f32>(inverse + row + k, <f32>1 / load<f32>(table + row + k));
    store<f32>(inverse + 2 * row + k, load<f32>(table + k));
  }
}

/**
 * Back through the inverse, whose y = (x − s)/f + μ knows s = γ·d + β, f = γ·r/√(σ² + ε) and μ of the table:
 *   dX = dY/f      Σ dY −= Σ dX      Σ dY·x̂ −= Σ dX·(x − s)/(f·√(σ² + ε))
 * which is all that batchNormBackward, called later, needs to bring the gradient to its x, γ and β.
 * Writes  dX [rows,C8]
 * Adds to rows 7 and 8 of the table
 * Reads   dY, x [rows,C8] · inverse of batchNormInvert
 * Error   ≤ 2e-7 of the largest element of dX (measured)
 */
export function batchNormInverseBackward(
  dX: usize, table: usize, dY: usize, x: usize, inverse: usize, rows: i32, C: i32,
): void {
  const row = <usize>stride(C) << 2;
  const sums = table + 7 * row;
  const products = table + 8 * row;
  for (let r = 0; r < rows; r++, dX += row, dY += row, x += row) {
    for (let k: usize = 0; k < row; k += 16) {
      const factor = v128.load(inverse + row + k);
      const d = f32x4.mul(v128.load(dY + k), factor);
      const off = f32x4.mul(f32x4.sub(v128.load(x + k), v128.load(inverse + k)), factor);
      const normal = f32x4.mul(off, v128.load(table + 4 * row + k));
      v128.store(dX + k, d);
      v128.store(sums + k, f32x4.sub(v128.load(sums + k), d));
      v128.store(products + k, f32x4.sub(v128.load(products + k), f32x4.mul(d, normal)));
    }
  }
}

@inline function add(to: usize, value: f32): void {
  store<f32>(to, load<f32>(to) + value);
}
