/**
 * Mixup: each row of a batch is mixed with another, all by the same share, and so are their targets (loss.ts).
 *   y_b = λ·x_b + (1 − λ)·x_π(b)
 * Source  Zhang et al. 2018; of sentences: Guo et al. 2019
 */
import { expScalar, sigmoidScalar } from '../called';
import { logScalar } from '../math';
import { approach } from '../moments';
import { nextA, nextB, nextC, nextD, seedWord, uniform } from '../random';
import { addScaled, stride } from '../simd';

/**
 * λ of Beta(α, α), or 1 − λ where that is larger: so a row keeps the larger share of itself.
 *   u, v uniform on (0,1) until u^{1/α} + v^{1/α} ≤ 1      λ = u^{1/α} / (u^{1/α} + v^{1/α})
 * Writes  share [1]
 * Error   ≤ 1e-6 for α ≥ 0.1 (measured)
 * Cost    Γ(2α + 1) / Γ(α + 1)² tries: 2 with α = 1, 70 with α = 4
 * Source  Jöhnk 1964; the larger of the two: Berthelot et al. 2019
 */
export function drawMixShare(share: usize, alpha: f32, seed: u32, stream: u32, step: u32): void {
  let a = seedWord(seed, stream, step, 0);
  let b = seedWord(seed, stream, step, 1);
  let c = seedWord(seed, stream, step, 2);
  let d = seedWord(seed, stream, step, 3);
  const half = f32x4.splat(2.98023223876953125e-8); // 2^−25, so that none is 0
  for (;;) {
    const two = f32x4.add(uniform(a, d), half);
    const x = logScalar(f32x4.extract_lane(two, 0)) / alpha;
    const y = logScalar(f32x4.extract_lane(two, 1)) / alpha;
    if (expScalar(x) + expScalar(y) <= 1) {
      store<f32>(share, sigmoidScalar(abs<f32>(x - y)));
      return;
    }
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}

/**
 * Writes  y [B,C8]
 * Reads   x [B,C8] · partners [B] (Int32), the row that each is mixed with · share [1]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function mixRowsForward(y: usize, x: usize, partners: usize, share: usize, B: i32, C: i32): void {
  const rowBytes = <usize>stride(C) << 2;
  for (let b = 0; b < B; b++, y += rowBytes) {
    memory.copy(y, x + <usize>load<i32>(partners + (<usize>b << 2)) * rowBytes, rowBytes);
    approach(y, x + <usize>b * rowBytes, stride(C), load<f32>(share));
  }
}

/**
 *   dX_b = λ·dY_b + (1 − λ)·Σ_{j: π(j) = b} dY_j
 * Writes  dX [B,C8]
 * Reads   dY [B,C8] · partners [B] (Int32) · share [1]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function mixRowsBackward(dX: usize, dY: usize, partners: usize, share: usize, B: i32, C: i32): void {
  const C8 = stride(C);
  const rowBytes = <usize>C8 << 2;
  const own = load<f32>(share);
  memory.fill(dX, 0, <usize>B * rowBytes);
  for (let b = 0; b < B; b++, dY += rowBytes) {
    addScaled(dX + <usize>b * rowBytes, dY, C8, own);
    addScaled(dX + <usize>load<i32>(partners + (<usize>b << 2)) * rowBytes, dY, C8, 1 - own);
  }
}
