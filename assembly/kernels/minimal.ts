/**
 * Recurrences whose gates see the input alone, over a packed batch, one direction: no product from step to step.
 *   minGRU    z = σ(ẑ)                          h_t = (1 − z)∘h_{t−1} + z∘ĥ               rows ẑ | ĥ
 *   minLSTM   f = σ(f̂), i = σ(î)                h_t = (f∘h_{t−1} + i∘ĥ)/(f + i)           rows f̂ | î | ĥ
 * where the row [ẑ ĥ], or [f̂ î ĥ], is W·x_t + b. Written with the share a of the new: h_t = h_{t−1} + a∘(ĥ − h_{t−1}),
 * a = z or i/(f + i).
 * Source  Feng et al. 2024 (Were RNNs all we needed?), the forms of section 3; with h_0 = 0
 */
import { sigmoid } from '../called';
import { aliveAt, firstRow, inputRows, stateBefore } from '../packed';
import { madd, stride } from '../simd';

/**
 * Writes  h [N,H8] · gates [N,G·H8] (sigmoids activated; backward needs them)
 * Reads   projected [U,G·H8] · index [N] (0: row n shows row n) · steps [T] · h0 [B,H8] (0: zero) · bias [G·H8]
 *         G 2: minGRU, 3: minLSTM
 * Error   ≤ 3.3e-7 of the largest element, against test/reference/cells.ts (measured)
 * Cost    (G − 1)·N·H transcendentals
 */
export function minimalForward(
  h: usize, gates: usize,
  projected: usize, index: usize, steps: usize, h0: usize, bias: usize,
  T: i32, H: i32, reverse: i32, G: i32,
): void {
  const hBytes = <usize>stride(H) << 2;
  const width = G * stride(H);
  let row = firstRow(steps, T, reverse != 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? T - 1 - s : s;
    const alive = aliveAt(steps, t);
    if (reverse) row -= alive;
    const first = <usize>row * hBytes;
    stateBefore(h + first, h, h0, steps, row, t, T, H, reverse);
    inputRows(gates + first * G, projected, index, bias, row, alive, width);
    for (let at = first, end = first + <usize>alive * hBytes; at < end; at += hBytes) {
      if (G == 2) gru(h + at, gates + at * 2, hBytes);
      else lstm(h + at, gates + at * 3, hBytes);
    }
    if (!reverse) row += alive;
  }
}

/** One row; h moves from the state before to the new one. Step in bytes. */
@inline function gru(h: usize, gates: usize, step: usize): void {
  for (let j: usize = 0; j < step; j += 16) {
    const z = sigmoid(v128.load(gates + j));
    v128.store(gates + j, z);
    move(h + j, z, v128.load(gates + step + j));
  }
}

@inline function lstm(h: usize, gates: usize, step: usize): void {
  for (let j: usize = 0; j < step; j += 16) {
    const f = sigmoid(v128.load(gates + j));
    const i = sigmoid(v128.load(gates + step + j));
    v128.store(gates + j, f);
    v128.store(gates + step + j, i);
    move(h + j, f32x4.div(i, f32x4.add(f, i)), v128.load(gates + 2 * step + j));
  }
}

/** h += a∘(ĥ − h), four lanes. */
@inline function move(h: usize, a: v128, candidate: v128): void {
  const before = v128.load(h);
  v128.store(h, madd(a, f32x4.sub(candidate, before), before));
}

/**
 * Back through time.
 * Writes  gates → dGates [N,G·H8] in place · dY → ∂L/∂h_t in place, from above and from later steps
 *         dH [B,H8]: gradient of h0 · before [B,H8]: scratch
 * Reads   dY, h [N,H8] · steps [T] · h0 [B,H8] (0: zero)
 * Error   ≤ 3.1e-7 of the largest gradient (measured)
 */
export function minimalBackward(
  gates: usize, dH: usize, before: usize,
  dY: usize, h: usize, steps: usize, h0: usize,
  T: i32, B: i32, H: i32, reverse: i32, G: i32,
): void {
  const hBytes = <usize>stride(H) << 2;
  memory.fill(dH, 0, <usize>B * hBytes);
  let row = firstRow(steps, T, reverse == 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? s : T - 1 - s;
    const alive = aliveAt(steps, t);
    if (!reverse) row -= alive;
    const first = <usize>row * hBytes;
    stateBefore(before, h, h0, steps, row, t, T, H, reverse);
    for (let at: usize = 0, end = <usize>alive * hBytes; at < end; at += hBytes) {
      const g = gates + (first + at) * G;
      if (G == 2) gruBackward(g, dH + at, dY + first + at, before + at, hBytes);
      else lstmBackward(g, dH + at, dY + first + at, before + at, hBytes);
    }
    if (reverse) row += alive;
  }
}

/** One row: gates → gradients of their arguments, dH of this step → of the step before. */
@inline function gruBackward(gates: usize, dH: usize, dY: usize, before: usize, step: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const z = v128.load(gates + j);
    const d = f32x4.add(v128.load(dH + j), v128.load(dY + j));
    v128.store(dY + j, d);
    const da = f32x4.mul(d, f32x4.sub(v128.load(gates + step + j), v128.load(before + j)));
    v128.store(gates + j, f32x4.mul(da, f32x4.mul(z, f32x4.sub(one, z))));
    v128.store(gates + step + j, f32x4.mul(d, z));
    v128.store(dH + j, f32x4.mul(d, f32x4.sub(one, z)));
  }
}

/** da/df̂ = −a(1 − a)(1 − f), da/dî = a(1 − a)(1 − i). */
@inline function lstmBackward(gates: usize, dH: usize, dY: usize, before: usize, step: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const f = v128.load(gates + j);
    const i = v128.load(gates + step + j);
    const sum = f32x4.add(f, i);
    const a = f32x4.div(i, sum);
    const kept = f32x4.div(f, sum);
    const d = f32x4.add(v128.load(dH + j), v128.load(dY + j));
    v128.store(dY + j, d);
    const da = f32x4.mul(d, f32x4.sub(v128.load(gates + 2 * step + j), v128.load(before + j)));
    const slope = f32x4.mul(da, f32x4.mul(a, kept));
    v128.store(gates + j, f32x4.neg(f32x4.mul(slope, f32x4.sub(one, f))));
    v128.store(gates + step + j, f32x4.mul(slope, f32x4.sub(one, i)));
    v128.store(gates + 2 * step + j, f32x4.mul(d, a));
    v128.store(dH + j, f32x4.mul(d, kept));
  }
}
