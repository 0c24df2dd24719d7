/**
 * The plain recurrent network over a packed batch, one direction.
 *   h_t = tanh(W_ih·x_t + b + W_hh·(mask∘h_{t−1}))      or max(…, 0) with `relu`
 * then zoneout on h. Source  Elman 1990; dropout of the recurrence Gal & Ghahramani 2016.
 */
import { matmul } from '../matmul';
import { aliveAt, closeStep, firstRow, inputRows, maskRows, openStep, product, stateBefore, zoneout } from '../packed';
import { stride } from '../simd';
import { tanhs } from '../vectors';

/**
 * Writes  h [N,H8] · gates [N,H8] (activated) · previous [N,H8] (mask∘h_{t−1}); backward needs all three
 * Reads   projected [U,H8] · index [N] (0: row n shows row n) · steps [T] · h0 [B,H8] (0: zero)
 *         mask [B,H8] (0: ones) · keep [N,H8] (0: `zone` everywhere)
 *         panelsHH, bias of gatesPack and gatesRow; with scratch (matmulQuantisedScratch(H) floats) int8 panels
 * Error   ≤ 1.2e-6 of the largest element, against test/reference/cells.ts (measured)
 * Cost    2·N·H8·H flop and N·H transcendentals
 */
export function rnnForward(
  h: usize, gates: usize, previous: usize,
  projected: usize, index: usize, steps: usize, h0: usize, mask: usize, keep: usize,
  panelsHH: usize, scratch: usize, bias: usize,
  T: i32, H: i32, reverse: i32, relu: i32, zone: f32,
): void {
  const H8 = stride(H);
  let row = firstRow(steps, T, reverse != 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? T - 1 - s : s;
    const alive = aliveAt(steps, t);
    if (reverse) row -= alive;
    const at = <usize>(row * H8) << 2;
    stateBefore(previous + at, h, h0, steps, row, t, T, H, reverse);
    maskRows(previous + at, mask, alive, H);
    inputRows(gates + at, projected, index, bias, row, alive, H8);
    product(gates + at, previous + at, panelsHH, scratch, alive, H8, H, H8, 1);
    const bytes = <usize>(alive * H8) << 2;
    if (relu) {
      for (let k: usize = at; k < at + bytes; k += 16) {
        v128.store(gates + k, f32x4.max(v128.load(gates + k), f32x4.splat(0)));
      }
    } else tanhs(gates + at, gates + at, bytes);
    memory.copy(h + at, gates + at, bytes);
    zoneout(h, h0, keep, steps, zone, row, t, T, H, reverse);
    if (!reverse) row += alive;
  }
}

/**
 * Back through time.
 * Writes  gates → dGates [N,H8] in place · dH [B,H8]: gradient of h0 · past [B,H8]: scratch
 * Reads   dY [N,H8] · steps [T] · mask, keep as forward (0: none) · panelsHH of gatesPackBackward
 * Error   ≤ 9.7e-7 of the largest gradient (measured)
 * Cost    2·N·H8·H8 flop
 */
export function rnnBackward(
  gates: usize, dH: usize, past: usize,
  dY: usize, steps: usize, mask: usize, keep: usize,
  panelsHH: usize,
  T: i32, B: i32, H: i32, reverse: i32, relu: i32,
): void {
  const H8 = stride(H);
  const one = f32x4.splat(1);
  memory.fill(dH, 0, <usize>(B * H8) << 2);
  let row = firstRow(steps, T, reverse == 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? s : T - 1 - s;
    const alive = aliveAt(steps, t);
    if (!reverse) row -= alive;
    const at = <usize>(row * H8) << 2;
    openStep(dH, past, dY + at, keep ? keep + at : 0, alive, H);
    for (let k: usize = 0, bytes = <usize>(alive * H8) << 2; k < bytes; k += 16) {
      const y = v128.load(gates + at + k);
      const d = v128.load(dH + k);
      const slope = f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y));
      v128.store(gates + at + k, relu ? v128.andnot(d, f32x4.le(y, f32x4.splat(0))) : f32x4.mul(d, slope));
    }
    matmul(dH, gates + at, panelsHH, alive, H, H8, H8, H8, 0);
    closeStep(dH, past, mask, alive, H);
    if (reverse) row += alive;
  }
}
