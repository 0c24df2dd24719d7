/**
 * LSTM over a packed batch, one direction, for predictions: the formula of lstm.ts, of which only h is kept.
 *
 * Inside, units lie in blocks of eight with all their gates: a row of 4·H8 numbers is [H8/8][i8|f8|g8|o8]. So four
 * panels beside each other are the gates of eight cells, which follow while those gates are in the L1 cache.
 *
 * W_ih·x + b of a word never changes while the parameters do not, so the words of the first K rows of the embedding
 * table, which are the most frequent, keep theirs from text to text.
 */
import { sigmoid, tanh } from '../math';
import { matmul, packTransposed } from '../matmul';
import { aliveAt, continuing, firstRow, product, rowBefore } from '../packed';
import { matmulQuantisedScratch, multiplyQuantised, packQuantised, quantisedPanelBytes, quantiseRows } from '../quantise';
import { madd, stride } from '../simd';

/** Columns of a block: eight units, four gates. */
const BLOCK: i32 = 32;
/** Tokens projected together, a multiple of either tile. */
const TOKENS: i32 = 60;

/**
 * Weights as lstmPredict reads them; forgets what was kept of others.
 * Writes  panelsIH [4·H8/8][D][8] · panelsHH [4·H8/8][H][8] · biasRow [4·H8] · known [K], zeros
 * Reads   weightIH [4H,D] · weightHH [4H,H] · bias [4H]
 */
export function lstmPredictPack(
  panelsIH: usize, panelsHH: usize, biasRow: usize, known: usize,
  weightIH: usize, weightHH: usize, bias: usize,
  K: i32, D: i32, H: i32,
): void {
  memory.fill(known, 0, <usize>K << 2);
  packBias(biasRow, bias, H);
  for (let j = 0; j < H; j += 8) {
    const units = min(8, H - j);
    for (let gate = 0; gate < 4; gate++) {
      const row = <usize>(gate * H + j);
      packTransposed(panelsIH, weightIH + ((row * D) << 2), units, D);
      packTransposed(panelsHH, weightHH + ((row * H) << 2), units, H);
      panelsIH += <usize>D << 5;
      panelsHH += <usize>H << 5;
    }
  }
}

/**
 * The same of int8 weights.
 * Writes  panelsIH of W_ih, panelsHH of W_hh, as packQuantised · biasRow [4·H8] · known [K], zeros
 * Reads   weightIH [4H,D] i8 · scalesIH [4H] · weightHH [4H,H] i8 · scalesHH [4H] · bias [4H]
 */
export function lstmPredictPackQuantised(
  panelsIH: usize, panelsHH: usize, biasRow: usize, known: usize,
  weightIH: usize, scalesIH: usize, weightHH: usize, scalesHH: usize, bias: usize,
  K: i32, D: i32, H: i32,
): void {
  memory.fill(known, 0, <usize>K << 2);
  packBias(biasRow, bias, H);
  for (let j = 0; j < H; j += 8) {
    const units = min(8, H - j);
    for (let gate = 0; gate < 4; gate++) {
      const row = <usize>(gate * H + j);
      packQuantised(panelsIH, weightIH + row * D, scalesIH + (row << 2), units, D);
      packQuantised(panelsHH, weightHH + row * H, scalesHH + (row << 2), units, H);
      panelsIH += quantisedPanelBytes(D);
      panelsHH += quantisedPanelBytes(H);
    }
  }
}

/**
 * projected [rows,4·H8] = x [rows,D8] · W_ihᵀ + b
 * Reads   panelsIH, biasRow of lstmPredictPack; with scratch (matmulQuantisedScratch(D) floats) of lstmPredictPackQuantised
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

/** The one row of the table that token u shows; K, if it is not among the first K, or several. */
@inline
function keptRow(bagStart: usize, bagIds: usize, u: i32, K: i32): i32 {
  const start = load<i32>(bagStart + (<usize>u << 2));
  const isSingle = load<i32>(bagStart + (<usize>u << 2), 4) - start == 1;
  return isSingle ? min(K, load<i32>(bagIds + (<usize>start << 2))) : K;
}

/**
 * Writes  h [N,H8] · c [B,H8], the cell states in the end
 *         h0, if it is given, [B,H8] is the state before and becomes that behind, and c is the state before, too;
 *         then not in reverse
 * Reads   projected [N,4·H8], or home [U] and index [N]: row n shows token index[n] · steps [T] · panelsHH
 * Scratch z [B,32] · with int8 panels q: B rows of quantiseRows, otherwise 0
 * Cost    8·N·H·H8 flop and 5·N·H transcendentals
 */
export function lstmPredict(
  h: usize, c: usize, h0: usize, z: usize, q: usize,
  projected: usize, home: usize, index: usize, steps: usize, panelsHH: usize,
  T: i32, B: i32, H: i32, reverse: i32,
): void {
  const H8 = stride(H);
  const hStep = <usize>H8 << 2;
  const zStep = hStep << 2;
  const blockBytes = q ? quantisedPanelBytes(H) << 2 : <usize>H << 7;
  if (!h0) memory.fill(c, 0, <usize>B * hStep);
  let row = firstRow(steps, T, reverse != 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? T - 1 - s : s;
    const alive = aliveAt(steps, t);
    if (reverse) row -= alive;
    const isFirst = h0 != 0 && t == 0;
    const before = isFirst ? alive : continuing(steps, t, T, reverse);
    const hBefore = isFirst ? h0 : h + <usize>rowBefore(steps, row, t, reverse) * hStep;
    if (q) quantiseRows(q, hBefore, before, H);
    let panels = panelsHH;
    for (let j: usize = 0; j < hStep; j += 32, panels += blockBytes) {
      if (q) multiplyQuantised(z, q, panels, before, BLOCK, H, BLOCK, 0);
      else matmul(z, hBefore, panels, before, BLOCK, H, H8, BLOCK, 0);
      memory.fill(z + (<usize>before << 7), 0, <usize>(alive - before) << 7);
      for (let b = 0; b < alive; b++) {
        const n = row + b;
        const from = home
          ? load<usize>(home + (<usize>load<i32>(index + (<usize>n << 2)) << 2))
          : projected + <usize>n * zStep;
        cells(h + <usize>n * hStep + j, c + <usize>b * hStep + j, z + (<usize>b << 7), from + (j << 2));
      }
    }
    if (h0) memory.copy(h0, h + <usize>row * hStep, <usize>alive * hStep);
    if (!reverse) row += alive;
  }
}

/**
 * Eight units of one row: z + projected is i8|f8|g8|o8 before activation, c the state before and behind. A function of its
 * own: a text is one call of lstmPredict, so what an engine makes of that while it runs comes too late for the text.
 */
function cells(h: usize, c: usize, z: usize, projected: usize): void {
  for (let v: usize = 0; v < 32; v += 16) {
    const i = sigmoid(f32x4.add(v128.load(projected + v), v128.load(z + v)));
    const f = sigmoid(f32x4.add(v128.load(projected + v, 32), v128.load(z + v, 32)));
    const g = tanh(f32x4.add(v128.load(projected + v, 64), v128.load(z + v, 64)));
    const o = sigmoid(f32x4.add(v128.load(projected + v, 96), v128.load(z + v, 96)));
    const next = madd(f, v128.load(c + v), f32x4.mul(i, g));
    v128.store(c + v, next);
    v128.store(h + v, f32x4.mul(o, tanh(next)));
  }
}

/** biasRow [4·H8] of bias [4H]. */
function packBias(biasRow: usize, bias: usize, H: i32): void {
  memory.fill(biasRow, 0, <usize>stride(H) << 4);
  for (let gate = 0; gate < 4; gate++) {
    for (let j = 0; j < H; j++, bias += 4) {
      const at = <usize>((j >> 3) * BLOCK + gate * 8 + (j & 7));
      store<f32>(biasRow + (at << 2), load<f32>(bias));
    }
  }
}
