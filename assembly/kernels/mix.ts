/**
 * Mixtures of a sequence's rows, several of each: what attention weights are for.
 *   m_bh = Σ_t w_tbh·x_tb
 */
import { addScaled, innerProduct, stride } from '../simd';

/**
 * Writes  m [B,heads,C8], summed in the order of t
 * Reads   x [N,C8] · weights [N,stride(heads)] · steps [T]
 * Error   ≤ 2e-7 of the largest element (measured)
 * Cost    2·N·heads·C8 flop
 */
export function mixForward(m: usize, x: usize, weights: usize, steps: usize, T: i32, B: i32, C: i32, heads: i32): void {
  const C8 = stride(C);
  const rowBytes = <usize>C8 << 2;
  const weightBytes = <usize>stride(heads) << 2;
  memory.fill(m, 0, <usize>(B * heads) * rowBytes);
  for (let t = 0; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    for (let b = 0; b < alive; b++, x += rowBytes, weights += weightBytes) {
      for (let h = 0; h < heads; h++) {
        addScaled(m + <usize>(b * heads + h) * rowBytes, x, C8, load<f32>(weights + (<usize>h << 2)));
      }
    }
  }
}

/**
 *   dX_tb = Σ_h w_tbh·dM_bh      dW_tbh = x_tb·dM_bh
 * Writes  dX [N,C8] · dWeights [N,stride(heads)]
 * Reads   dM [B,heads,C8] · x [N,C8] · weights [N,stride(heads)] · steps [T]
 * Error   ≤ 2e-7 of the largest element (measured)
 * Cost    4·N·heads·C8 flop
 */
export function mixBackward(
  dX: usize, dWeights: usize, dM: usize, x: usize, weights: usize, steps: usize, T: i32, C: i32, heads: i32,
): void {
  const C8 = stride(C);
  const rowBytes = <usize>C8 << 2;
  const weightBytes = <usize>stride(heads) << 2;
  for (let t = 0; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    for (let b = 0; b < alive; b++) {
      memory.fill(dX, 0, rowBytes);
      memory.fill(dWeights, 0, weightBytes);
      for (let h = 0; h < heads; h++) {
        const at = <usize>h << 2;
        const from = dM + <usize>(b * heads + h) * rowBytes;
        addScaled(dX, from, C8, load<f32>(weights + at));
        store<f32>(dWeights + at, innerProduct(x, from, C8));
      }
      x += rowBytes;
      dX += rowBytes;
      weights += weightBytes;
      dWeights += weightBytes;
    }
  }
}

/**
 * Of what each head makes of all C features, the d = C/heads that are its own, side by side.
 * Writes  y [B,C8]
 * Reads   values [B,heads,C8]
 * Error   0
 */
export function ownHeadForward(y: usize, values: usize, B: i32, C: i32, heads: i32): void {
  const rowBytes = <usize>stride(C) << 2;
  const bytes = <usize>(C / heads) << 2;
  for (let b = 0; b < B; b++, y += rowBytes) {
    for (let h = 0; h < heads; h++, values += rowBytes) {
      memory.copy(y + <usize>h * bytes, values + <usize>h * bytes, bytes);
    }
    memory.fill(y + (<usize>C << 2), 0, rowBytes - (<usize>C << 2));
  }
}

/**
 * Writes  dValues [B,heads,C8]: zero beside what is a head's own
 * Reads   dY [B,C8]
 * Error   0
 */
export function ownHeadBackward(dValues: usize, dY: usize, B: i32, C: i32, heads: i32): void {
  const rowBytes = <usize>stride(C) << 2;
  const bytes = <usize>(C / heads) << 2;
  memory.fill(dValues, 0, <usize>(B * heads) * rowBytes);
  for (let b = 0; b < B; b++, dY += rowBytes) {
    for (let h = 0; h < heads; h++, dValues += rowBytes) {
      memory.copy(dValues + <usize>h * bytes, dY + <usize>h * bytes, bytes);
    }
  }
}
