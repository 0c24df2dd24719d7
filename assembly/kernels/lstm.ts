/**
 * LSTM over a packed batch, one direction.
 *   z_t = W_ih·x_t + b + W_hh·h_{t-1}      rows i | f | g | o
 *   c_t = f∘c_{t-1} + i∘g      h_t = o∘tanh(c_t)
 * Source  Hochreiter & Schmidhuber 1997; Gers 2000 (forget gate). Gate order and names as in PyTorch.
 *
 * Weights, the projection of the input and the gradients of both are those of gates.ts: W_ih·x is there for all rows at once, and
 * only once for each distinct token (`index`).
 */
import { moveCell } from '../cell';
import { aliveAt, continuing, firstRow, rowBefore, stateBefore } from '../packed';
import { stride } from '../simd';
import { matmulStrassen, strassenSums } from '../strassen';
import { multiply, sigmoids, tanhs } from '../vectors';

/**
 * Writes  h [N,H8] · c [N,H8] · gates [N,4·H8] (activated; backward needs them)
 * Reads   projected [U,4·H8] · index [N] (0: row n of the batch is row n of projected) · home [U] (0: token u is row u of
 *         projected), row home[index[n]] is what n shows; projected may be the gates themselves, each row where it is
 *         read first or behind · steps [T]
 *         h0, c0 [B,H8] (0: zero) · panelsHH of gatesPack · biasRow of gatesRow
 * Scratch strassenScratch(4·H8, H) floats (0: plain products)
 * Cost    8·N·H·H8 flop and 5·N·H transcendentals
 */
export function lstmForward(
  h: usize, c: usize, gates: usize,
  projected: usize, index: usize, home: usize, steps: usize, h0: usize, c0: usize,
  panelsHH: usize, biasRow: usize, scratch: usize,
  T: i32, H: i32, reverse: i32,
): void {
  const H8 = stride(H);
  const width = 4 * H8;
  const hStep = <usize>H8 << 2;
  const gateStep = <usize>width << 2;
  const sums = strassenSums(scratch, panelsHH, aliveAt(steps, 0), width, H);
  let row = firstRow(steps, T, reverse != 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? T - 1 - s : s;
    const alive = aliveAt(steps, t);
    if (reverse) row -= alive;
    const before = continuing(steps, t, T, reverse);
    const last = rowBefore(steps, row, t, reverse);
    const z = gates + <usize>row * gateStep;
    for (let b = 0; b < alive; b++) {
      const n = row + b;
      let from = index ? load<i32>(index + (<usize>n << 2)) : n;
      if (home) from = load<i32>(home + (<usize>from << 2));
      addRows(gates + <usize>n * gateStep, projected + <usize>from * gateStep, biasRow, width);
    }
    matmulStrassen(z, h + <usize>last * hStep, panelsHH, sums, before, width, H, H8, width);
    if (h0) {
      const first = <usize>before;
      matmulStrassen(z + first * gateStep, h0 + first * hStep, panelsHH, sums, alive - before, width, H, H8, width);
    }
    stateBefore(c + <usize>row * hStep, c, c0, steps, row, t, T, H, reverse);
    for (let n = <usize>row, end = n + alive; n < end; n++) {
      cell(h + n * hStep, c + n * hStep, gates + n * gateStep, hStep);
    }
    if (!reverse) row += alive;
  }
}

/**
 * Back through time.
 * Writes  gates → dGates [N,4·H8] in place · previous [N,H8] (h_{t-1} of each row, for dW_hh; it
 *         may lie over c, each row of which is read before)
 *         dY [N,H8] → ∂L/∂h_t in place: what came from above and what comes from step t+1
 *         dH, dC [B,H8]: with h0 and c0 given, their gradients; otherwise scratch
 * Reads   dY [N,H8] from above · h, c [N,H8] · steps · h0, c0 [B,H8] (both or neither: 0) · panelsHH of gatesPackBackward
 * Scratch strassenScratch(H8, 4·H8) floats (0: plain products)
 * Cost    8·N·H·H8 flop
 */
export function lstmBackward(
  gates: usize, previous: usize, dH: usize, dC: usize,
  dY: usize, h: usize, c: usize, steps: usize, h0: usize, c0: usize,
  panelsHH: usize, scratch: usize,
  T: i32, B: i32, H: i32, reverse: i32,
): void {
  const H8 = stride(H);
  const width = 4 * H8;
  const hStep = <usize>H8 << 2;
  const gateStep = <usize>width << 2;
  memory.fill(dH, 0, <usize>B * hStep);
  memory.fill(dC, 0, <usize>B * hStep);
  const sums = strassenSums(scratch, panelsHH, B, H8, width);
  let row = firstRow(steps, T, reverse == 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? s : T - 1 - s;
    const alive = aliveAt(steps, t);
    if (!reverse) row -= alive;
    const before = continuing(steps, t, T, reverse);
    const last = rowBefore(steps, row, t, reverse);
    for (let b = 0; b < alive; b++) {
      const at = <usize>(row + b) * hStep;
      const carry = <usize>b * hStep;
      const cBefore = b < before ? c + <usize>(last + b) * hStep : c0 ? c0 + carry : 0;
      const y = previous + at; // room for it until the row is written
      tanhs(y, c + at, hStep);
      cellBackward(gates + <usize>(row + b) * gateStep, dC + carry, dY + at, dH + carry, y, cBefore, hStep);
    }
    stateBefore(previous + <usize>row * hStep, h, h0, steps, row, t, T, H, reverse);
    const carried = h0 ? alive : before;
    memory.fill(dH, 0, <usize>carried * hStep);
    matmulStrassen(dH, gates + <usize>row * gateStep, panelsHH, sums, carried, H8, width, width, H8);
    if (reverse) row += alive;
  }
}

/** z [width] = projected + bias. */
@inline
function addRows(z: usize, projected: usize, bias: usize, width: i32): void {
  for (let j: usize = 0; j < <usize>width << 2; j += 16) {
    v128.store(z + j, f32x4.add(v128.load(projected + j), v128.load(bias + j)));
  }
}

/** One row: z [4·H8] activated in place, c moves on from the state before, h [H8]. Step in bytes. */
function cell(h: usize, c: usize, z: usize, step: usize): void {
  const g = z + 2 * step;
  const o = g + step;
  sigmoids(z, z, 2 * step);
  tanhs(g, g, step);
  sigmoids(o, o, step);
  moveCell(c, z, 0, step);
  tanhs(h, c, step);
  multiply(h, h, o, step);
}

/** One row: gates → gradients of their pre-activations, dC of this step → of the step before; shown is tanh c. */
function cellBackward(gates: usize, dC: usize, dY: usize, dH: usize, shown: usize, cBefore: usize, step: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const at = gates + j;
    const i = v128.load(at);
    const f = v128.load(at + step);
    const g = v128.load(at + 2 * step);
    const o = v128.load(at + 3 * step);
    const y = v128.load(shown + j);
    const dh = f32x4.add(v128.load(dY + j), v128.load(dH + j));
    v128.store(dY + j, dh);
    const dc = f32x4.add(v128.load(dC + j), f32x4.mul(f32x4.mul(dh, o), f32x4.sub(one, f32x4.mul(y, y))));
    const before = cBefore ? v128.load(cBefore + j) : f32x4.splat(0);
    v128.store(at, f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(at + step, f32x4.mul(f32x4.mul(dc, before), f32x4.mul(f, f32x4.sub(one, f))));
    v128.store(at + 2 * step, f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g))));
    v128.store(at + 3 * step, f32x4.mul(f32x4.mul(dh, y), f32x4.mul(o, f32x4.sub(one, o))));
    v128.store(dC + j, f32x4.mul(dc, f));
  }
}
