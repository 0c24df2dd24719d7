/**
 * Batch normalisation of what the input of a recurrent cell projects to, over all words of the batch: y = gain∘x̂.
 * Each of the U distinct words is projected once and counts as often as it stands among the N words.
 * Source  Laurent et al. 2015
 */
import { columnMoments, normalise, rowOf } from '../normal';
import { madd, setScaled, stride } from '../simd';
import { add, addProduct, multiply } from '../vectors';

/**
 * For prediction, by the running statistics.
 * Writes  table [3,G·H8] as batchNormForward reads it
 * Reads   gain, mean, variance [G·H]
 */
export function gatesBatchPrepare(
  table: usize, gain: usize, mean: usize, variance: usize, H: i32, G: i32, epsilon: f32,
): void {
  const H8 = stride(H);
  const row = <usize>(G * H8) << 2;
  memory.fill(table, 0, 3 * row);
  for (let gate = 0; gate < G; gate++) {
    for (let j = 0; j < H; j++, gain += 4, mean += 4, variance += 4) {
      const at = table + (<usize>(gate * H8 + j) << 2);
      store<f32>(at, load<f32>(mean));
      store<f32>(at + row, load<f32>(gain) / sqrt<f32>(load<f32>(variance) + epsilon));
    }
  }
}

/**
 * Writes  y [U,width] · x → x̂ [U,width] in place · table [3,width]: μ, 1/√(σ² + ε), σ²
 * Reads   index [N] (0: word n shows row n) · gain [width], zero where gates are padded
 * Error   ≤ 4e-7 of the largest element (measured)
 */
export function gatesBatchForward(
  y: usize, x: usize, table: usize, index: usize, gain: usize, N: i32, U: i32, width: i32, epsilon: f32,
): void {
  const row = <usize>width << 2;
  const inverse = table + row;
  const variance = inverse + row;
  memory.fill(table, 0, 3 * row);
  if (N == 0) return;
  columnMoments(table, inverse, variance, x, index, N, row, width, epsilon);
  for (let u = 0; u < U; u++, x += row, y += row) {
    normalise(x, table, inverse, row);
    multiply(y, x, gain, row);
  }
}

/**
 * Writes  dY → dX [U,width] in place: of all words that show a row · dGain [width]
 *         own [2,width]: the batch's mean and unbiased variance times its share; of one word the running variance
 * Reads   normal (x̂) [U,width], table [3,width] of gatesBatchForward · index, gain as there · running variance [width]
 * Error   ≤ 1e-6 of the largest element (measured)
 */
export function gatesBatchBackward(
  dX: usize, dGain: usize, own: usize, normal: usize, table: usize, index: usize, gain: usize, running: usize,
  N: i32, U: i32, width: i32, share: f32,
): void {
  const row = <usize>width << 2;
  const inverse = table + row;
  const variance = inverse + row;
  memory.fill(dGain, 0, row);
  memory.fill(own, 0, 2 * row);
  if (N == 0) return;
  // The sums over the words, then 1/N of them.
  for (let u: usize = 0, end = <usize>U * row; u < end; u += row) {
    add(own, dX + u, row);
    addProduct(dGain, dX + u, normal + u, row);
  }
  const one = f32x4.splat(<f32>1 / <f32>N);
  for (let n = 0; n < N; n++) {
    const at = rowOf(index, n) * row;
    for (let k: usize = 0; k < row; k += 16) {
      const means = f32x4.mul(madd(v128.load(normal + at + k), v128.load(dGain + k), v128.load(own + k)), one);
      v128.store(dX + at + k, f32x4.sub(v128.load(dX + at + k), means));
    }
  }
  for (let u: usize = 0, end = <usize>U * row; u < end; u += row) {
    for (let k: usize = 0; k < row; k += 16) {
      const factor = f32x4.mul(v128.load(gain + k), v128.load(inverse + k));
      v128.store(dX + u + k, f32x4.mul(v128.load(dX + u + k), factor));
    }
  }
  const unbiased: f32 = N > 1 ? share * (<f32>N / <f32>(N - 1)) : share;
  setScaled(own, table, width, share);
  setScaled(own + row, N > 1 ? variance : running, width, unbiased);
}
