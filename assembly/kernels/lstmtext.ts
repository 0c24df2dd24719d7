/**
 * LSTM over one text, one direction, for predictions: the formula of lstm.ts, of which only h is kept.
 * A row of gates is [4][H8]: i, f, g, o, each with its padding.
 *
 * Weights are either f32, packed by gatesPack, or int8 as matvec.ts reads them, with the scales of their rows; then q is scratch
 * of k8 + 64 floats, zero at first, which is otherwise 0.
 *
 * W_ih·x + b of a word never changes, so the words of the first K rows of the embedding table, which are the most frequent,
 * keep theirs from text to text.
 */
import { matmul } from '../matmul';
import { multiplyRows } from '../matvec';
import { keptRow } from '../packed';
import { quantiseRows } from '../quantise';
import { addScaled, copyRow, stride } from '../simd';
import { add, addProduct, multiply, sigmoids, tanhs } from '../vectors';

/**
 * rows of W_ih·x + b. Where a word shows one of the first K rows of the table and nothing else, its row is in kept.
 * Writes  home [T], where the row of each word is: in kept or in projected
 *         kept [K,4,H8] · known [K], 1 for each row that is in kept · projected [T,4,H8]
 * Reads   x [T,D8] · bagStart [T+1] · bagIds [bagStart[T]] · weight [4H,D], scales [4H] · bias [4H]
 */
export function lstmTextProject(
  home: usize, kept: usize, known: usize, projected: usize,
  x: usize, bagStart: usize, bagIds: usize, weight: usize, scales: usize, bias: usize, q: usize,
  T: i32, K: i32, D: i32, H: i32,
): void {
  const step = <usize>stride(H) << 2;
  for (let t = 0; t < T; t++, x += <usize>stride(D) << 2, home += 4) {
    const id = keptRow(bagStart, bagIds, t, K);
    let row = projected + (<usize>t << 2) * step;
    if (id < K) row = kept + (<usize>id << 2) * step;
    store<usize>(home, row);
    if (id < K) {
      const isKnown = known + (<usize>id << 2);
      if (load<i32>(isKnown)) continue;
      store<i32>(isKnown, 1);
    }
    gates(row, x, weight, scales, bias, q, D, H, 0);
  }
}

/**
 * Writes  h [T,H8] · c [H8], the cell state in the end
 *         h0, if it is given, [H8] is the state before and becomes that behind, and c is the state before, too;
 *         then not in reverse
 * Reads   home [T] of lstmTextProject · weight [4H,H], scales [4H]
 * Scratch z [4,H8]
 * Cost    8·T·H·H8 flop and 5·T·H transcendentals
 */
export function lstmText(
  h: usize, c: usize, h0: usize, z: usize, q: usize, home: usize, weight: usize, scales: usize,
  T: i32, H: i32, reverse: i32,
): void {
  const step = <usize>stride(H) << 2;
  const f = z + step, g = f + step, o = g + step;
  if (!h0) memory.fill(c, 0, step);
  let before = h0;
  for (let s = 0; s < T; s++) {
    const t = <usize>(reverse ? T - 1 - s : s);
    const now = h + t * step;
    if (before) gates(z, before, weight, scales, 0, q, H, H, s);
    else memory.fill(z, 0, step << 2);
    add(z, load<usize>(home + (t << 2)), step << 2);
    sigmoids(z, z, step << 1);
    tanhs(g, g, step);
    sigmoids(o, o, step);
    multiply(c, c, f, step);
    addProduct(c, z, g, step);
    tanhs(now, c, step);
    multiply(now, now, o, step);
    before = now;
  }
  if (h0) memory.copy(h0, before, step);
}

/** y [4,H8] = W·x + bias [4H] (0: none); the gates to and fro, as productToAndFro does. */
function gates(
  y: usize, x: usize, weight: usize, scales: usize, bias: usize, q: usize,
  k: i32, H: i32, turn: i32,
): void {
  const H8 = stride(H);
  if (q) quantiseRows(q, x, 1, k);
  for (let i = 0; i < 4; i++) {
    const gate = <usize>(turn & 1 ? 3 - i : i);
    const z = y + gate * (<usize>H8 << 2);
    const first = gate * (<usize>H << 2);
    if (q) {
      multiplyRows(z, q, weight + gate * (<usize>(H * k) << 1), scales + first, H, k);
      if (bias) addScaled(z, bias + first, H, 1);
    } else {
      if (bias) copyRow(z, bias + first, H, H8);
      matmul(z, x, weight + gate * (<usize>(H8 * k) << 2), 1, H, k, stride(k), H8, <i32>(bias != 0));
    }
  }
}
