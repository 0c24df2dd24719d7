/**
 * Recurrences whose gates see the input alone, over a packed batch, one direction: no product from step to step.
 *   minGRU    z = σ(ẑ)                          h_t = (1 − z)∘h_{t−1} + z∘ĥ               rows ẑ | ĥ
 *   minLSTM   f = σ(f̂), i = σ(î)                h_t = (f∘h_{t−1} + i∘ĥ)/(f + i)           rows f̂ | î | ĥ
 * where the row [ẑ ĥ], or [f̂ î ĥ], is W·x_t + b. Written with the share a of the new: h_t = h_{t−1} + a∘(ĥ − h_{t−1}),
 * a = z or i/(f + i).
 * Source  Feng et al. 2024 (Were RNNs all we needed?), the forms of section 3; with h_0 = 0
 */
import { aliveAt, firstRow, inputRows, stateBefore } from '../packed';
import { madd, stride } from '../simd';
import { add, sigmoids } from '../vectors';

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
      const g = gates + at * G;
      sigmoids(g, g, hBytes * (G - 1));
      move(h + at, g, G, hBytes);
    }
    if (!reverse) row += alive;
  }
}

/** One row: h += a∘(ĥ − h). Step in bytes. */
function move(h: usize, gates: usize, G: i32, step: usize): void {
  for (let j: usize = 0; j < step; j += 16) {
    const first = v128.load(gates + j);
    const second = v128.load(gates + step + j); // of a minGRU ĥ
    const a = G == 2 ? first : f32x4.div(second, f32x4.add(first, second));
    const candidate = v128.load(gates + step * (G - 1) + j);
    const before = v128.load(h + j);
    v128.store(h + j, madd(a, f32x4.sub(candidate, before), before));
  }
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
      add(dY + first + at, dH + at, hBytes);
      moveBackward(gates + (first + at) * G, dH + at, dY + first + at, before + at, G, hBytes);
    }
    if (reverse) row += alive;
  }
}

/**
 * One row: gates → gradients of their arguments, dH = gradient of the step before.
 *   minGRU  da/dẑ = z(1 − z)      minLSTM  da/df̂ = −a(1 − a)(1 − f), da/dî = a(1 − a)(1 − i)
 */
function moveBackward(gates: usize, dH: usize, dY: usize, before: usize, G: i32, step: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const at = gates + j;
    const last = at + step * (G - 1);
    const first = v128.load(at);
    const second = v128.load(at + step);
    const d = v128.load(dY + j);
    const da = f32x4.mul(d, f32x4.sub(v128.load(last), v128.load(before + j)));
    let a = first;
    let kept = f32x4.sub(one, a);
    if (G == 3) {
      const sum = f32x4.add(first, second);
      a = f32x4.div(second, sum);
      kept = f32x4.div(first, sum);
    }
    const slope = f32x4.mul(da, f32x4.mul(a, kept));
    if (G == 2) v128.store(at, slope);
    else {
      v128.store(at, f32x4.neg(f32x4.mul(slope, f32x4.sub(one, first))));
      v128.store(at + step, f32x4.mul(slope, f32x4.sub(one, second)));
    }
    v128.store(last, f32x4.mul(d, a));
    v128.store(dH + j, f32x4.mul(d, kept));
  }
}
