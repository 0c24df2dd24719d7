/**
 * Sums of products of whole numbers, exact, in the two ways in which engines are quick at them. Eight rows of weights
 * make a panel, which is read in steps of two vectors; a row of activations is read beside it.
 *                   plain SIMD: i16 × i16      relaxed SIMD: i8 × u7
 *   panel           [8] f32 scales             [8] f32 scales · [8] i32 first sums
 *                   [k8/2][8][2] i16           [k8/4][8][4] i8
 *   row             f32 scale · 12 bytes unused · [32] i32 for the row's sums
 *                   [k8] i16                   [k8] u7
 * with k8 = k rounded up to 8; the added numbers are zero. Relaxed SIMD leaves open what an activation of more than
 * seven bits means, so a number x is written as x + 64, and the first sums are what those 64 add: −64·Σw.
 */
import { stride } from './simd';

/** Bytes before a row's numbers, and where in there its sums lie. */
const ROW_HEAD: usize = 144;
const SUMS: usize = 16;
const PANEL_HEAD: usize = ASC_FEATURE_RELAXED_SIMD ? 64 : 32;
const OFFSET: i32 = 64;
/** Activations that a step reads, four bytes in all. */
const STEP: i32 = ASC_FEATURE_RELAXED_SIMD ? 4 : 2;
/** Rows of a tile: their sums, two vectors of the panel, an activation, and in plain SIMD a product. */
export const TILE: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
/** The largest number that a row holds; the smallest is its negative. */
export const LARGEST: i32 = ASC_FEATURE_RELAXED_SIMD ? 63 : 32_767;

/** Bytes of a panel of rows of k weights. */
@inline export function panelBytesOf(k: i32): usize {
  return PANEL_HEAD + (<usize>(stride(k) / STEP) << 5);
}

/** Bytes of a row of k activations. */
@inline export function rowBytesOf(k: i32): usize {
  return ROW_HEAD + (<usize>(stride(k) / STEP) << 2);
}

/** Makes k int8 weights row `lane` of a panel that is zero so far. */
export function putWeights(panel: usize, lane: usize, weights: usize, scale: f32, k: i32): void {
  store<f32>(panel + (lane << 2), scale);
  let to = panel + PANEL_HEAD + (lane << 2);
  let p = 0, sum = 0;
  for (; p + 8 <= k; p += 8, weights += 8) {
    const eight = v128.load8x8_s(weights);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const bytes = v128.load64_zero(weights);
      v128.store32_lane(to, bytes, 0);
      v128.store32_lane(to, bytes, 1, 32);
      sum += sumOf(eight);
      to += 64;
    } else {
      v128.store32_lane(to, eight, 0);
      v128.store32_lane(to, eight, 1, 32);
      v128.store32_lane(to, eight, 2, 64);
      v128.store32_lane(to, eight, 3, 96);
      to += 128;
    }
  }
  for (let rest = 0; p < k; p++, rest++, weights++) {
    const weight = load<i8>(weights);
    const at = to + (<usize>(rest / STEP) << 5);
    if (ASC_FEATURE_RELAXED_SIMD) store<i8>(at + <usize>(rest & 3), weight);
    else store<i16>(at + (<usize>(rest & 1) << 1), <i16>weight);
    sum += <i32>weight;
  }
  if (ASC_FEATURE_RELAXED_SIMD) store<i32>(panel + 32 + (lane << 2), -OFFSET * sum);
}

/** The sum of eight i16. */
@inline
function sumOf(eight: v128): i32 {
  const four = i32x4.dot_i16x8_s(eight, i16x8.splat(1));
  return i32x4.extract_lane(four, 0) + i32x4.extract_lane(four, 1) + i32x4.extract_lane(four, 2) + i32x4.extract_lane(four, 3);
}

/** What a row's numbers are worth. */
@inline export function putScale(row: usize, scale: f32): void {
  store<f32>(row, scale);
}

/** Where a row's numbers begin. */
@inline export function numbersOf(row: usize): usize {
  return row + ROW_HEAD;
}

/** Where its sums lie. */
@inline export function sumsOf(row: usize): usize {
  return row + SUMS;
}

/** Activations p … p+7 of a row, from two vectors of i32; p is a multiple of 8. */
@inline export function putEight(row: usize, p: i32, low: v128, high: v128): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const words = i16x8.add(i16x8.narrow_i32x4_s(low, high), i16x8.splat(<i16>OFFSET));
    v128.store64_lane(row + ROW_HEAD + <usize>p, i8x16.narrow_i16x8_u(words, words), 0);
  } else {
    v128.store(row + ROW_HEAD + (<usize>p << 1), i16x8.narrow_i32x4_s(low, high));
  }
}

/** C [rows,8] (=|+=) rows of activations · panel; the steps from row to row in bytes. */
export function multiply(rows: i32, c: usize, a: usize, panel: usize, k: i32, cStep: usize, aStep: usize, add: bool): void {
  if (ASC_FEATURE_RELAXED_SIMD && rows == 6) tile6(c, a, panel, k, cStep, aStep, add);
  else if (rows == 5) tile5(c, a, panel, k, cStep, aStep, add);
  else if (rows == 4) tile4(c, a, panel, k, cStep, aStep, add);
  else if (rows == 3) tile3(c, a, panel, k, cStep, aStep, add);
  else if (rows == 2) tile2(c, a, panel, k, cStep, aStep, add);
  else tile1(c, a, panel, k, cStep, aStep, add);
}

// Functions of their own, so that the engine gives each its own registers.
function tile1(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(1, c, a, b, k, cs, as, add); }
function tile2(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(2, c, a, b, k, cs, as, add); }
function tile3(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(3, c, a, b, k, cs, as, add); }
function tile4(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(4, c, a, b, k, cs, as, add); }
function tile5(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(5, c, a, b, k, cs, as, add); }
function tile6(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(6, c, a, b, k, cs, as, add); }

@inline
function tile(rows: i32, c: usize, a0: usize, panel: usize, k: i32, cStep: usize, aStep: usize, add: bool): void {
  const low = firstSum(panel, 0), high = firstSum(panel, 16);
  let c00 = low, c01 = high, c10 = low, c11 = high, c20 = low, c21 = high, c30 = low, c31 = high, c40 = low, c41 = high, c50 = low, c51 = high;
  const a1 = a0 + aStep, a2 = a1 + aStep, a3 = a2 + aStep, a4 = a3 + aStep, a5 = a4 + aStep;
  const end = rowBytesOf(k);
  let w = panel + PANEL_HEAD;
  for (let p = ROW_HEAD; p < end; p += 4, w += 32) {
    const w0 = v128.load(w), w1 = v128.load(w, 16);
    { const s = v128.load32_splat(a0 + p); c00 = dot(s, w0, c00); c01 = dot(s, w1, c01); }
    if (rows > 1) { const s = v128.load32_splat(a1 + p); c10 = dot(s, w0, c10); c11 = dot(s, w1, c11); }
    if (rows > 2) { const s = v128.load32_splat(a2 + p); c20 = dot(s, w0, c20); c21 = dot(s, w1, c21); }
    if (rows > 3) { const s = v128.load32_splat(a3 + p); c30 = dot(s, w0, c30); c31 = dot(s, w1, c31); }
    if (rows > 4) { const s = v128.load32_splat(a4 + p); c40 = dot(s, w0, c40); c41 = dot(s, w1, c41); }
    if (rows > 5) { const s = v128.load32_splat(a5 + p); c50 = dot(s, w0, c50); c51 = dot(s, w1, c51); }
  }
  keep(a0, 0, c00, c01);
  if (rows > 1) keep(a1, 0, c10, c11);
  if (rows > 2) keep(a2, 0, c20, c21);
  if (rows > 3) keep(a3, 0, c30, c31);
  if (rows > 4) keep(a4, 0, c40, c41);
  if (rows > 5) keep(a5, 0, c50, c51);
  for (let r = 0; r < rows; r++, c += cStep, a0 += aStep) put(c, a0, 0, panel, add);
}

/** One row times four panels side by side: C [1,32]. Eight sums hide each other's latency where more rows are not there. */
export function multiplyWide(c: usize, a: usize, panel: usize, k: i32, add: bool): void {
  const panelBytes = panelBytesOf(k);
  const p1 = panel + panelBytes, p2 = p1 + panelBytes, p3 = p2 + panelBytes;
  let c0 = firstSum(panel, 0), c1 = firstSum(panel, 16), c2 = firstSum(p1, 0), c3 = firstSum(p1, 16);
  let c4 = firstSum(p2, 0), c5 = firstSum(p2, 16), c6 = firstSum(p3, 0), c7 = firstSum(p3, 16);
  let w0 = panel + PANEL_HEAD, w1 = p1 + PANEL_HEAD, w2 = p2 + PANEL_HEAD, w3 = p3 + PANEL_HEAD;
  const end = a + rowBytesOf(k);
  for (let p = a + ROW_HEAD; p < end; p += 8) {
    const s = stepOf(p, 0), t = stepOf(p, 1);
    c0 = dot(s, v128.load(w0), c0); c1 = dot(s, v128.load(w0, 16), c1);
    c2 = dot(s, v128.load(w1), c2); c3 = dot(s, v128.load(w1, 16), c3);
    c4 = dot(s, v128.load(w2), c4); c5 = dot(s, v128.load(w2, 16), c5);
    c6 = dot(s, v128.load(w3), c6); c7 = dot(s, v128.load(w3, 16), c7);
    c0 = dot(t, v128.load(w0, 32), c0); c1 = dot(t, v128.load(w0, 48), c1);
    c2 = dot(t, v128.load(w1, 32), c2); c3 = dot(t, v128.load(w1, 48), c3);
    c4 = dot(t, v128.load(w2, 32), c4); c5 = dot(t, v128.load(w2, 48), c5);
    c6 = dot(t, v128.load(w3, 32), c6); c7 = dot(t, v128.load(w3, 48), c7);
    w0 += 64; w1 += 64; w2 += 64; w3 += 64;
  }
  keep(a, 0, c0, c1);
  keep(a, 32, c2, c3);
  keep(a, 64, c4, c5);
  keep(a, 96, c6, c7);
  put(c, a, 0, panel, add);
  put(c + 32, a, 32, p1, add);
  put(c + 64, a, 64, p2, add);
  put(c + 96, a, 96, p3, add);
}

/**
 * In all lanes the four bytes of step 0 or 1 of eight. In relaxed SIMD both steps come of one load, as loads are what its loop waits
 * for; in plain SIMD shuffles would be in the way of the additions.
 */
@inline
function stepOf(p: usize, step: i32): v128 {
  if (!ASC_FEATURE_RELAXED_SIMD) return step ? v128.load32_splat(p, 4) : v128.load32_splat(p);
  const eight = v128.load64_splat(p);
  return step ? i32x4.shuffle(eight, eight, 1, 1, 1, 1) : i32x4.shuffle(eight, eight, 0, 0, 0, 0);
}

/** What a sum begins with. */
@inline function firstSum(panel: usize, at: usize): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.load(panel + at, 32) : i32x4.splat(0);
}

/** Adds to each of four sums the products of a step. */
@inline export function dot(s: v128, w: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, s, sum);
  return i32x4.add(sum, i32x4.dot_i16x8_s(w, s));
}

/**
 * Eight sums of a row are stored. As whole numbers, since V8 before Node 24 lets a loop run at half speed if anything else
 * is done with what it has summed up.
 */
@inline
function keep(row: usize, at: usize, low: v128, high: v128): void {
  v128.store(row + at, low, SUMS);
  v128.store(row + at, high, SUMS + 16);
}

/** They become numbers: times the scale of the row and those of the panel. */
@inline
function put(c: usize, row: usize, at: usize, panel: usize, add: bool): void {
  const scale = v128.load32_splat(row);
  const low = f32x4.convert_i32x4_s(v128.load(row + at, SUMS));
  const high = f32x4.convert_i32x4_s(v128.load(row + at, SUMS + 16));
  const y0 = f32x4.mul(low, f32x4.mul(scale, v128.load(panel)));
  const y1 = f32x4.mul(high, f32x4.mul(scale, v128.load(panel, 16)));
  v128.store(c, add ? f32x4.add(v128.load(c), y0) : y0);
  v128.store(c, add ? f32x4.add(v128.load(c, 16), y1) : y1, 16);
}
