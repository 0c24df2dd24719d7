/**
 * LSTM over a packed batch, one direction, for predictions: the formula of lstm.ts, of which only h is kept. Weights are
 * packed, and rows of gates lie, as gates.ts says.
 *
 * W_ih·x + b of a word never changes while the parameters do not, so the words of the first K rows of the embedding
 * table, which are the most frequent, keep theirs from text to text.
 */
import { sigmoid, tanh } from '../math';
import { aliveAt, continuing, firstRow, keptRow, product, productToAndFro, rowBefore } from '../packed';
import { matmulQuantisedScratch } from '../quantise';
import { madd, stride } from '../simd';

/** Tokens projected together, a multiple of either tile. */
const TOKENS: i32 = 60;

/** Forgets what was kept with other parameters: known [K] = 0. */
export function lstmPredictForget(known: usize, K: i32): void {
  memory.fill(known, 0, <usize>K << 2);
}

/**
 * projected [rows,4·H8] = x [rows,D8] · W_ihᵀ + b
 * Reads   panelsIH of gatesPack; with scratch (matmulQuantisedScratch(D) floats) of gatesPackQuantised · biasRow of gatesRow
 * Cost    8·rows·H8·D flop
 */
export function lstmPredictProject(
  projected: usize, x: usize, panelsIH: usize, biasRow: usize, scratch: usize,
  rows: i32, D: i32, H: i32,
): void {
  const width = 4 * stride(H);
  for (let r = 0; r < rows; r++) memory.copy(projected + (<usize>(r * width) << 2), biasRow, <usize>width << 2);
  product(projected, x, panelsIH, scratch, rows, width, D, width, 1);
}

/** Floats of scratch that lstmPredictDistinct needs: for tokens that it gathers, and for their product with int8 panels. */
export function lstmPredictScratch(D: i32): i32 {
  return TOKENS * stride(D) + matmulQuantisedScratch(D);
}

/**
 * The same of distinct tokens, where those that show one of the first K rows of the table and nothing else are projected
 * once for all calls.
 * Writes  home [U], where the row of each token is: in kept or in projected
 *         kept [K,4·H8] · known [K], 1 for each row that is in kept · projected [U,4·H8]
 * Reads   x [U,D8] · bagStart [U+1] · bagIds [bagStart[U]]
 * Scratch lstmPredictScratch(D) floats
 */
export function lstmPredictDistinct(
  home: usize, kept: usize, known: usize, projected: usize,
  x: usize, bagStart: usize, bagIds: usize, panelsIH: usize, biasRow: usize, scratch: usize,
  U: i32, K: i32, D: i32, H: i32, quantised: i32,
): void {
  const bytes = <usize>stride(H) << 4;
  const xBytes = <usize>stride(D) << 2;
  const rest = quantised ? scratch + <usize>TOKENS * xBytes : 0;
  let waiting = 0;
  for (let u = 0; u < U; u++) {
    const id = keptRow(bagStart, bagIds, u, K);
    const isKnown = known + (<usize>id << 2);
    if (id < K && load<i32>(isKnown)) {
      store<usize>(home + (<usize>u << 2), kept + <usize>id * bytes);
      continue;
    }
    if (id < K) store<i32>(isKnown, 1);
    store<usize>(home + (<usize>u << 2), projected + <usize>waiting * bytes);
    memory.copy(scratch + <usize>waiting * xBytes, x + <usize>u * xBytes, xBytes);
    if (++waiting < TOKENS) continue;
    lstmPredictProject(projected, scratch, panelsIH, biasRow, rest, waiting, D, H);
    projected += <usize>waiting * bytes;
    waiting = 0;
  }
  if (waiting > 0) lstmPredictProject(projected, scratch, panelsIH, biasRow, rest, waiting, D, H);
  for (let u = 0; u < U; u++) {
    const id = keptRow(bagStart, bagIds, u, K);
    const from = load<usize>(home + (<usize>u << 2));
    const to = kept + <usize>id * bytes;
    if (id < K && from != to) memory.copy(to, from, bytes);
  }
}

/**
 * Writes  h [N,H8] · c [B,H8], the cell states in the end
 *         h0, if it is given, [B,H8] is the state before and becomes that behind, and c is the state before, too;
 *         then not in reverse
 * Reads   projected [N,4·H8], or home [U] and index [N]: row n shows token index[n] · steps [T] · panelsHH
 * Scratch z [B,4·H8] · with int8 panels matmulQuantisedScratch(H) floats, otherwise 0
 * Cost    8·N·H·H8 flop and 5·N·H transcendentals
 */
export function lstmPredict(
  h: usize, c: usize, h0: usize, z: usize, scratch: usize,
  projected: usize, home: usize, index: usize, steps: usize, panelsHH: usize,
  T: i32, B: i32, H: i32, reverse: i32,
): void {
  const hStep = <usize>stride(H) << 2;
  const zStep = hStep << 2;
  if (!h0) memory.fill(c, 0, <usize>B * hStep);
  let row = firstRow(steps, T, reverse != 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? T - 1 - s : s;
    const alive = aliveAt(steps, t);
    if (reverse) row -= alive;
    const isFirst = h0 != 0 && t == 0;
    const before = isFirst ? alive : continuing(steps, t, T, reverse);
    const hBefore = isFirst ? h0 : h + <usize>rowBefore(steps, row, t, reverse) * hStep;
    productToAndFro(z, hBefore, panelsHH, scratch, before, stride(H), H, s);
    memory.fill(z + <usize>before * zStep, 0, <usize>(alive - before) * zStep);
    for (let b = 0; b < alive; b++) {
      const n = row + b;
      const from = home
        ? load<usize>(home + (<usize>load<i32>(index + (<usize>n << 2)) << 2))
        : projected + <usize>n * zStep;
      cells(h + <usize>n * hStep, c + <usize>b * hStep, z + <usize>b * zStep, from, hStep);
    }
    if (h0) memory.copy(h0, h + <usize>row * hStep, <usize>alive * hStep);
    if (!reverse) row += alive;
  }
}

/**
 * The units of one row, `step` bytes: z + projected are their gates before activation, c the state before and behind. A function
 * of its own: a text is one call of lstmPredict, so what an engine makes of that while it runs comes too late for the text.
 */
function cells(h: usize, c: usize, z: usize, projected: usize, step: usize): void {
  for (const end = z + step; z < end; z += 16, projected += 16, c += 16, h += 16) {
    const i = sigmoid(f32x4.add(v128.load(projected), v128.load(z)));
    const f = sigmoid(f32x4.add(v128.load(projected + step), v128.load(z + step)));
    const g = tanh(f32x4.add(v128.load(projected + 2 * step), v128.load(z + 2 * step)));
    const o = sigmoid(f32x4.add(v128.load(projected + 3 * step), v128.load(z + 3 * step)));
    const next = madd(f, v128.load(c), f32x4.mul(i, g));
    v128.store(c, next);
    v128.store(h, f32x4.mul(o, tanh(next)));
  }
}
