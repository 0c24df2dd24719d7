/**
 * Gated recurrent unit over a packed batch, one direction; p = mask∘h_{t−1}.
 *   r = σ(W_ir·x + W_hr·p + b_r)      z = σ(W_iz·x + W_hz·p + b_z)      rows r | z | n
 *   n = tanh(W_in·x + b_n + W_hn·(r∘p))                 reset before the product
 *   n = tanh(W_in·x + b_n + r∘(W_hn·p + b_hn))          reset after it
 *   h_t = z∘h_{t−1} + (1 − z)∘(drop∘n)
 * then zoneout on h.
 * Source  Cho et al. 2014 (before); cuDNN, PyTorch and Keras (after); order of gates and names as in PyTorch.
 *         drop: Semeniuta et al. 2016; mask: Gal & Ghahramani 2016.
 */
import { matmul } from '../matmul';
import { aliveAt, closeStep, firstRow, inputRows, maskRows, openStep, product, stateBefore, zoneout } from '../packed';
import { madd, stride } from '../simd';
import { addProduct, multiply, sigmoids, tanhs } from '../vectors';

/**
 * Writes  h [N,H8] · gates [N,3·H8] (activated) · previous [N,H8] (p) ·
 *         hidden [N,H8] (before: r∘p; after: W_hn·p + b_hn); backward needs all four
 * Reads   projected [U,3·H8] · index [N] (0: row n shows row n) · steps [T] · h0 [B,H8] (0: zero)
 *         mask [B,H8], drop [N,H8] (0: ones) · keep [N,H8] (0: `zone` everywhere)
 *         panelsRZ, panelsN of W_hh, bias [3·H8], biasHN [H8] (0: reset before); with scratch int8 panels
 * Error   ≤ 5.0e-7 of the largest element, against test/reference/cells.ts (measured)
 * Cost    6·N·H8·H flop and 3·N·H transcendentals
 */
export function gruForward(
  h: usize, gates: usize, previous: usize, hidden: usize,
  projected: usize, index: usize, steps: usize, h0: usize, mask: usize, drop: usize, keep: usize,
  panelsRZ: usize, panelsN: usize, scratch: usize, bias: usize, biasHN: usize,
  T: i32, H: i32, reverse: i32, zone: f32,
): void {
  const H8 = stride(H);
  const width = 3 * H8;
  const hBytes = <usize>H8 << 2;
  let row = firstRow(steps, T, reverse != 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? T - 1 - s : s;
    const alive = aliveAt(steps, t);
    if (reverse) row -= alive;
    const at = <usize>row * hBytes;
    const g = gates + 3 * at;
    stateBefore(h + at, h, h0, steps, row, t, T, H, reverse);
    memory.copy(previous + at, h + at, <usize>alive * hBytes);
    maskRows(previous + at, mask, alive, H);
    inputRows(g, projected, index, bias, row, alive, width);
    product(g, previous + at, panelsRZ, scratch, alive, 2 * H8, H, width, 1);
    for (let b = 0; b < alive; b++) sigmoids(g + 3 * <usize>b * hBytes, g + 3 * <usize>b * hBytes, 2 * hBytes);
    if (biasHN) {
      for (let b = 0; b < alive; b++) memory.copy(hidden + at + <usize>b * hBytes, biasHN, hBytes);
      product(hidden + at, previous + at, panelsN, scratch, alive, H8, H, H8, 1);
      for (let b = 0; b < alive; b++) {
        const r = g + 3 * <usize>b * hBytes;
        addProduct(r + 2 * hBytes, r, hidden + at + <usize>b * hBytes, hBytes);
      }
    } else {
      for (let b = 0; b < alive; b++) {
        const to = at + <usize>b * hBytes;
        multiply(hidden + to, gates + 3 * to, previous + to, hBytes);
      }
      product(g + 2 * hBytes, hidden + at, panelsN, scratch, alive, H8, H, width, 1);
    }
    for (let b = 0; b < alive; b++) {
      const to = at + <usize>b * hBytes;
      update(h + to, gates + 3 * to, drop ? drop + to : 0, hBytes);
    }
    zoneout(h, h0, keep, steps, zone, row, t, T, H, reverse);
    if (!reverse) row += alive;
  }
}

/** One row: n activated, h moves from the state before to the new one. */
function update(h: usize, gates: usize, drop: usize, step: usize): void {
  const n = gates + 2 * step;
  tanhs(n, n, step);
  for (let j: usize = 0; j < step; j += 16) {
    const own = v128.load(n + j);
    const candidate = drop ? f32x4.mul(own, v128.load(drop + j)) : own;
    v128.store(h + j, madd(v128.load(gates + step + j), f32x4.sub(v128.load(h + j), candidate), candidate));
  }
}

/**
 * Back through time.
 * Writes  gates → dGates [N,3·H8] in place · hidden → dHidden in place with `after`, unchanged without
 *         dH [B,H8]: gradient of h0 · past, before [B,H8]: scratch
 * Reads   dY, h, previous [N,H8] · steps [T] · h0, mask, drop, keep as forward (0: none)
 *         panelsRZ, panelsN of gatesPackBackward
 * Error   ≤ 5.7e-7 of the largest gradient (measured)
 * Cost    6·N·H8·H8 flop
 */
export function gruBackward(
  gates: usize, hidden: usize, dH: usize, past: usize, before: usize,
  dY: usize, h: usize, previous: usize, steps: usize, h0: usize, mask: usize, drop: usize, keep: usize,
  panelsRZ: usize, panelsN: usize,
  T: i32, B: i32, H: i32, reverse: i32, after: i32,
): void {
  const H8 = stride(H);
  const width = 3 * H8;
  const hBytes = <usize>H8 << 2;
  memory.fill(dH, 0, <usize>B * hBytes);
  let row = firstRow(steps, T, reverse == 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? s : T - 1 - s;
    const alive = aliveAt(steps, t);
    if (!reverse) row -= alive;
    const at = <usize>row * hBytes;
    const g = gates + 3 * at;
    openStep(dH, past, dY + at, keep ? keep + at : 0, alive, H);
    stateBefore(before, h, h0, steps, row, t, T, H, reverse);
    for (let b = 0; b < alive; b++) {
      const to = <usize>b * hBytes;
      updateBackward(g + 3 * to, past + to, dH + to, before + to, drop ? drop + at + to : 0, hBytes);
    }
    if (after) {
      for (let b = 0; b < alive; b++) {
        const r = g + 3 * <usize>b * hBytes;
        const own = hidden + at + <usize>b * hBytes;
        resetBackward(r, own, r + 2 * hBytes, own, hBytes);
      }
      matmul(dH, hidden + at, panelsN, alive, H, H8, H8, H8, 0);
    } else {
      matmul(dH, g + 2 * hBytes, panelsN, alive, H, H8, width, H8, 0);
      for (let b = 0; b < alive; b++) {
        const to = <usize>b * hBytes;
        resetBackward(g + 3 * to, dH + to, dH + to, previous + at + to, hBytes);
      }
    }
    matmul(dH, g, panelsRZ, alive, H, 2 * H8, width, H8, 1);
    closeStep(dH, past, mask, alive, H);
    if (reverse) row += alive;
  }
}

/** One row: z and n → gradients of their arguments; past += z∘dH. */
function updateBackward(gates: usize, past: usize, dH: usize, before: usize, drop: usize, step: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const at = gates + j;
    const z = v128.load(at + step);
    const n = v128.load(at + 2 * step);
    const kept = drop ? v128.load(drop + j) : one;
    const d = v128.load(dH + j);
    const toNew = f32x4.mul(d, f32x4.sub(one, z));
    const difference = f32x4.sub(v128.load(before + j), f32x4.mul(kept, n));
    v128.store(past + j, madd(d, z, v128.load(past + j)));
    v128.store(at + step, f32x4.mul(f32x4.mul(toNew, z), difference));
    v128.store(at + 2 * step, f32x4.mul(f32x4.mul(toNew, kept), f32x4.mul(f32x4.sub(one, n), f32x4.add(one, n))));
  }
}

/** One row, given the gradient d of r∘x: r → gradient of its argument, dX = r∘d, which may lie over either. */
function resetBackward(r: usize, dX: usize, d: usize, x: usize, step: usize): void {
  for (let j: usize = 0; j < step; j += 16) {
    const own = v128.load(r + j);
    const back = f32x4.mul(v128.load(d + j), own);
    v128.store(r + j, f32x4.mul(f32x4.mul(back, f32x4.sub(f32x4.splat(1), own)), v128.load(x + j)));
    v128.store(dX + j, back);
  }
}
