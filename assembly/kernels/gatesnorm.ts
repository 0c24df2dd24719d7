/**
 * Layer normalisation of what the input of a recurrent cell projects to, all G gates of a row together: y = gain∘x̂.
 * Source  Ba, Kiros & Hinton 2016
 */
import { normaliseRow, normaliseRowBackward } from '../normal';
import { stride } from '../simd';
import { multiply } from '../vectors';

/**
 * Writes  y [rows,G·H8] · x → x̂ [rows,G·H8] in place · inverse [rows,8] (1/√(σ² + ε) and no more)
 * Reads   gain [G·H8], zero where gates are padded
 * Error   ≤ 2.5e-7 of the largest element (measured)
 */
export function gatesNormForward(
  y: usize, x: usize, inverse: usize, gain: usize, rows: i32, H: i32, G: i32, epsilon: f32,
): void {
  const bytes = <usize>(G * stride(H)) << 2;
  for (let r = 0; r < rows; r++, x += bytes, y += bytes, inverse += 32) {
    store<f32>(inverse, normaliseRow(x, H, G, epsilon));
    multiply(y, x, gain, bytes);
  }
}

/**
 * Writes  dY → dX [rows,G·H8] in place · dGain [G·H8]
 * Reads   normal (x̂) [rows,G·H8] and inverse [rows,8] of gatesNormForward · gain as there
 * Error   ≤ 5e-7 of the largest element (measured)
 */
export function gatesNormBackward(
  dX: usize, dGain: usize, normal: usize, inverse: usize, gain: usize, rows: i32, H: i32, G: i32,
): void {
  const bytes = <usize>(G * stride(H)) << 2;
  memory.fill(dGain, 0, bytes);
  for (let r = 0; r < rows; r++, dX += bytes, normal += bytes, inverse += 32) {
    normaliseRowBackward(dX, dGain, dX, normal, gain, load<f32>(inverse), H, G);
  }
}
