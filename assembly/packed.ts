/**
 * A packed batch walked step by step: what every recurrent kernel has in common. A kernel's loop is
 *   let row = firstRow(steps, T, reverse);
 *   for (let s = 0; s < T; s++) {
 *     const t = reverse ? T - 1 - s : s;
 *     const alive = aliveAt(steps, t);
 *     if (reverse) row -= alive;
 *     …                                     rows row … row+alive−1 are step t
 *     if (!reverse) row += alive;
 *   }
 * and its backward pass is the same loop in the other direction. Rows of a step stand in the order of the
 * sequences, so [B,C8] matrices lie beside them as they are.
 */
import { matmul } from './matmul';
import { matmulQuantised } from './quantise';
import { addScaled, madd, stride } from './simd';
import { add, multiply } from './vectors';

/** Where a walk begins: row 0, or in reverse behind the last row. */
export function firstRow(steps: usize, T: i32, reverse: bool): i32 {
  let rows = 0;
  if (reverse) for (let t = 0; t < T; t++) rows += aliveAt(steps, t);
  return rows;
}

/** Sequences that have a step t. */
@inline export function aliveAt(steps: usize, t: i32): i32 {
  return load<i32>(steps + (<usize>t << 2));
}

/** How many sequences of step t have a step before it in the direction of reading: the first so many; the others begin. */
export function continuing(steps: usize, t: i32, T: i32, reverse: i32): i32 {
  if (reverse) return t + 1 < T ? aliveAt(steps, t + 1) : 0;
  return t > 0 ? aliveAt(steps, t) : 0;
}

/** The first row of the step before step t, which begins at `row`, in the direction of reading. */
export function rowBefore(steps: usize, row: i32, t: i32, reverse: i32): i32 {
  if (reverse) return row + aliveAt(steps, t);
  return t > 0 ? row - aliveAt(steps, t - 1) : row;
}

/**
 * The state that each sequence of step t comes with.
 * Writes  before [alive,C8]
 * Reads   state [N,C8], one step back · initial [B,C8] for those that begin (0: zero)
 */
export function stateBefore(
  before: usize, state: usize, initial: usize, steps: usize,
  row: i32, t: i32, T: i32, C: i32, reverse: i32,
): void {
  const bytes = <usize>stride(C) << 2;
  const there = <usize>continuing(steps, t, T, reverse) * bytes;
  const rest = <usize>aliveAt(steps, t) * bytes - there;
  memory.copy(before, state + <usize>rowBefore(steps, row, t, reverse) * bytes, there);
  if (initial) memory.copy(before + there, initial + there, rest);
  else memory.fill(before + there, 0, rest);
}

/**
 * Zoneout: each number of the new state of step t stays what it was where `keep` is 1.
 *   state ← state + keep∘(before − state)
 * Reads   keep [N,C8] of 0 and 1 (0: its expectation `rate` everywhere, as prediction has it)
 * Source  Krueger et al. 2017
 */
export function zoneout(
  state: usize, initial: usize, keep: usize, steps: usize, rate: f32,
  row: i32, t: i32, T: i32, C: i32, reverse: i32,
): void {
  if (rate == 0) return;
  const bytes = <usize>stride(C) << 2;
  const there = <usize>continuing(steps, t, T, reverse) * bytes;
  const rest = <usize>aliveAt(steps, t) * bytes - there;
  const at = <usize>row * bytes;
  mix(state + at, state + <usize>rowBefore(steps, row, t, reverse) * bytes, keep ? keep + at : 0, rate, there);
  mix(state + at + there, initial ? initial + there : 0, keep ? keep + at + there : 0, rate, rest);
}

/** y += keep∘(x − y) over so many bytes; x 0 means zeros. */
function mix(y: usize, x: usize, keep: usize, rate: f32, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    const now = v128.load(y + k);
    const before = x ? v128.load(x + k) : f32x4.splat(0);
    const share = keep ? v128.load(keep + k) : f32x4.splat(rate);
    v128.store(y + k, madd(share, f32x4.sub(before, now), now));
  }
}

/**
 * Opens a step of a backward pass, undoing zoneout: d = dState + dY is dealt out to the new state and, past it, to
 * the one before.
 *   past = keep∘d      dState ← d − past
 * Writes  past [alive,C8] · dState [alive,C8] in place · dY → d in place: ∂L/∂state, from above and from later steps
 * Reads   dY [alive,C8] from above (0: none) · keep [alive,C8] (0: no zoneout)
 */
export function openStep(dState: usize, past: usize, dY: usize, keep: usize, alive: i32, C: i32): void {
  const bytes = <usize>(alive * stride(C)) << 2;
  if (dY) {
    add(dState, dY, bytes);
    memory.copy(dY, dState, bytes);
  }
  if (keep) multiply(past, keep, dState, bytes);
  else memory.fill(past, 0, bytes);
  addScaled(dState, past, alive * stride(C), -1);
}

/** Closes a step of a backward pass: dState ← mask∘dState + past; mask 0 means ones. */
export function closeStep(dState: usize, past: usize, mask: usize, alive: i32, C: i32): void {
  maskRows(dState, mask, alive, C);
  add(dState, past, <usize>(alive * stride(C)) << 2);
}

/** x [rows,C8] ← mask∘x; mask 0 means ones. */
export function maskRows(x: usize, mask: usize, rows: i32, C: i32): void {
  if (mask) multiply(x, x, mask, <usize>(rows * stride(C)) << 2);
}

/** z [rows,width] = what the input projects to, from row `row` of the batch on, + bias [width]. index 0: row n shows row n. */
export function inputRows(
  z: usize, projected: usize, index: usize, bias: usize,
  row: i32, rows: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  for (let n = row; n < row + rows; n++, z += bytes) {
    const from = projected + <usize>(index ? load<i32>(index + (<usize>n << 2)) : n) * bytes;
    for (let k: usize = 0; k < bytes; k += 16) {
      v128.store(z + k, f32x4.add(v128.load(from + k), v128.load(bias + k)));
    }
  }
}

/** z [rows,ldz] = x [rows,k8] · panels of [k,n], += with `accumulate`; with scratch the panels are int8. */
export function product(
  z: usize, x: usize, panels: usize, scratch: usize,
  rows: i32, n: i32, k: i32, ldz: i32, accumulate: i32,
): void {
  if (scratch) matmulQuantised(z, x, panels, scratch, rows, n, k, ldz, accumulate);
  else matmul(z, x, panels, rows, n, k, stride(k), ldz, accumulate);
}

/**
 * z [rows,4·n] = x [rows,k8] · panels of four gates of n columns. In f32 every second `turn` takes the gates from the last to
 * the first: weights as large as a cache would otherwise leave it just before they are read again.
 */
export function productToAndFro(
  z: usize, x: usize, panels: usize, scratch: usize,
  rows: i32, n: i32, k: i32, turn: i32,
): void {
  if (scratch) return matmulQuantised(z, x, panels, scratch, rows, 4 * n, k, 4 * n, 0);
  const gateBytes = <usize>n << 2;
  for (let i = 0; i < 4; i++) {
    const at = <usize>(turn & 1 ? 3 - i : i) * gateBytes;
    matmul(z + at, x, panels + at * <usize>k, rows, n, k, stride(k), 4 * n, 0);
  }
}

/** The one row of the table that token u shows; K, if it is not among the first K, or several. */
@inline export function keptRow(bagStart: usize, bagIds: usize, u: i32, K: i32): i32 {
  const start = load<i32>(bagStart + (<usize>u << 2));
  const isSingle = load<i32>(bagStart + (<usize>u << 2), 4) - start == 1;
  return isSingle ? min(K, load<i32>(bagIds + (<usize>start << 2))) : K;
}
