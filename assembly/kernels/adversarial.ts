import { addScaled, madd, stride } from '../simd';

/**
 * Moves each text to where, by its gradient, the loss grows fastest.
 *   x_b ← x_b + ε·g_b/‖g_b‖₂      g_b the gradient of all words of text b; where it is zero the text stays
 * Writes  x [N,C8] in place · squares [B,8]: scratch
 * Reads   dX [N,C8] · steps [T]
 * Error   ≤ 5.8e-8 of the largest element, against test/reference/adversarial.ts (measured)
 * Source  Miyato et al. 2017 (Adversarial training methods for semi-supervised text classification)
 */
export function adversarialMove(x: usize, squares: usize, dX: usize, steps: usize, epsilon: f32, T: i32, B: i32, C: i32): void {
  const C8 = stride(C);
  const row = <usize>C8 << 2;
  memory.fill(squares, 0, <usize>B << 5);
  for (let t = 0, d = dX; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    for (let b = 0; b < alive; b++, d += row) {
      const at = squares + (<usize>b << 5);
      let sum = v128.load(at);
      for (let k: usize = 0; k < row; k += 16) sum = madd(v128.load(d + k), v128.load(d + k), sum);
      v128.store(at, sum);
    }
  }
  for (let b = 0; b < B; b++) {
    const at = squares + (<usize>b << 5);
    const sum = load<f32>(at) + load<f32>(at, 4) + load<f32>(at, 8) + load<f32>(at, 12);
    store<f32>(at, sum > 0 ? epsilon / sqrt<f32>(sum) : 0);
  }
  for (let t = 0; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    for (let b = 0; b < alive; b++, x += row, dX += row) addScaled(x, dX, C8, load<f32>(squares + (<usize>b << 5)));
  }
}
