/**
 * Matrix products in integers. Weights are int8 with one scale a row; activations are quantised row by row as they
 * come, to as many levels as a sum of k products leaves room for in 32 bits. Sums of integers are exact, so a
 * result has the same bits in whatever order and on whatever engine it was summed.
 *
 * Of every eight rows of the weights one panel is made, which carries their scales:
 *   panel [8] f32 scales · [k8/2][8][2] i8      k8 = k rounded up to 8; the added numbers are zero
 * A quantised row of activations carries its scale, too:  f32 scale · 12 bytes unused · [k8] i16
 */
import { stride } from './simd';

/** Rows of activations quantised at a time; they stay in the L2 cache while the panels pass by. A multiple of 5. */
const BLOCK_M: i32 = 60;
const TILE: i32 = 5;
const ROW_HEAD: usize = 16;
const PANEL_HEAD: usize = 32;
/** Smaller rows than this are zero: their inverse scale would be infinite. */
const TINY: f32 = 1e-30;

/**
 * The largest number that an activation becomes: 128·levels·k < 2^31, so that no sum overflows.
 *   32767 up to k = 512, 4095 at k = 4096, 255 at k = 65536
 */
@inline function levels(k: i32): i32 {
  return min(32_767, i32.MAX_VALUE / (k << 7));
}

/**
 * Rows of weights as int8: q = round(w / scale), scale = max |w| / 127; of a row of zeros the scale is 1.
 * Writes  q [rows,columns] i8 · scales [rows]
 * Reads   weight [rows,columns] dense
 * Error   |w − scale·q| ≤ 0.50002·scale: half a step and what f32 rounds
 */
export function quantiseWeights(q: usize, scales: usize, weight: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    let largest: f32 = 0;
    for (let j = 0; j < columns; j++) largest = max(largest, abs(load<f32>(weight + (<usize>j << 2))));
    const isZero = largest < TINY;
    const inverse: f32 = isZero ? 0 : 127 / largest;
    store<f32>(scales + (<usize>r << 2), isZero ? 1 : largest / 127);
    for (let j = 0; j < columns; j++, q++, weight += 4) store<i8>(q, <i8>nearest(load<f32>(weight) * inverse));
  }
}

/** Panels of int8 weights [n,k] and their scales [n]: (n8/8)·(32 + 8·k8) bytes. */
export function packQuantised(panels: usize, weight: usize, scales: usize, n: i32, k: i32): void {
  const k8 = <usize>stride(k);
  memory.fill(panels, 0, (<usize>stride(n) >> 3) * (PANEL_HEAD + (k8 << 3)));
  for (let j = 0; j < n; j++) {
    const panel = panels + <usize>(j >> 3) * (PANEL_HEAD + (k8 << 3));
    const lane = <usize>(j & 7);
    store<f32>(panel + (lane << 2), load<f32>(scales + (<usize>j << 2)));
    const to = panel + PANEL_HEAD + (lane << 1);
    for (let p: usize = 0; p < <usize>k; p++, weight++) {
      store<i8>(to + ((p >> 1) << 4) + (p & 1), load<i8>(weight));
    }
  }
}

/** Floats of scratch that matmulQuantised needs. */
export function matmulQuantisedScratch(k: i32): i32 {
  return BLOCK_M * (<i32>(ROW_HEAD >> 2) + (stride(k) >> 1));
}

/**
 * C = A·Wᵀ, or C += A·Wᵀ with `accumulate`.
 * Writes  c [m, ldc], all n8 columns
 * Reads   a [m, k8] f32, its padding zero · panels of packQuantised      ldc in floats
 * Error   0 against test/reference/quantise.ts; against f32 activations ≤ Σ|w row| · max |a row| / (2·levels)
 * Cost    2·m·n8·k8 integer operations
 */
export function matmulQuantised(
  c: usize, a: usize, panels: usize, scratch: usize,
  m: i32, n: i32, k: i32, ldc: i32, accumulate: i32,
): void {
  const k8 = stride(k);
  const rowBytes = ROW_HEAD + (<usize>k8 << 1);
  const panelBytes = PANEL_HEAD + (<usize>k8 << 3);
  const cStep = <usize>ldc << 2;
  const add = accumulate != 0;
  for (let i0 = 0; i0 < m; i0 += BLOCK_M) {
    const rows = min(BLOCK_M, m - i0);
    for (let i = 0; i < rows; i++) {
      quantiseRow(scratch + <usize>i * rowBytes, a + ((<usize>(i0 + i) * k8) << 2), k8, levels(k));
    }
    let panel = panels;
    let to = c + <usize>i0 * cStep;
    let j = 0;
    if (rows == 1) {
      for (; j + 32 <= n; j += 32, panel += panelBytes << 2, to += 128) tile1x4(to, scratch, panel, k8, panelBytes, add);
    }
    for (; j < n; j += 8, panel += panelBytes, to += 32) {
      for (let i = 0; i < rows; i += TILE) {
        tileOf(min(TILE, rows - i), to + <usize>i * cStep, scratch + <usize>i * rowBytes, panel, k8, cStep, rowBytes, add);
      }
    }
  }
}

/** q = round(x·levels / max |x|) of one row, behind its scale. */
function quantiseRow(q: usize, x: usize, k8: i32, levels: i32): void {
  const end = x + (<usize>k8 << 2);
  let most = f32x4.splat(0);
  for (let from = x; from < end; from += 16) most = f32x4.max(most, f32x4.abs(v128.load(from)));
  const largest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  const isZero = largest < TINY;
  store<f32>(q, isZero ? 0 : largest / <f32>levels);
  const inverse = f32x4.splat(isZero ? 0 : <f32>levels / largest);
  q += ROW_HEAD;
  for (; x < end; x += 32, q += 16) {
    const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x, 16), inverse)));
    v128.store(q, i16x8.narrow_i32x4_s(low, high));
  }
}

/** C [rows,8] (=|+=) rows of activations · panel; the steps from row to row in bytes. */
@inline
function tile(rows: i32, c: usize, a0: usize, panel: usize, k8: i32, cStep: usize, aStep: usize, add: bool): void {
  const zero = i32x4.splat(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero, c40 = zero, c41 = zero;
  const a1 = a0 + aStep, a2 = a1 + aStep, a3 = a2 + aStep, a4 = a3 + aStep;
  const end = ROW_HEAD + (<usize>k8 << 1);
  let w = panel + PANEL_HEAD;
  for (let p = ROW_HEAD; p < end; p += 4, w += 16) {
    const b0 = v128.load8x8_s(w), b1 = v128.load8x8_s(w, 8);
    { const s = v128.load32_splat(a0 + p); c00 = dot(s, b0, c00); c01 = dot(s, b1, c01); }
    if (rows > 1) { const s = v128.load32_splat(a1 + p); c10 = dot(s, b0, c10); c11 = dot(s, b1, c11); }
    if (rows > 2) { const s = v128.load32_splat(a2 + p); c20 = dot(s, b0, c20); c21 = dot(s, b1, c21); }
    if (rows > 3) { const s = v128.load32_splat(a3 + p); c30 = dot(s, b0, c30); c31 = dot(s, b1, c31); }
    if (rows > 4) { const s = v128.load32_splat(a4 + p); c40 = dot(s, b0, c40); c41 = dot(s, b1, c41); }
  }
  put(c, c00, c01, a0, panel, add);
  if (rows > 1) { c += cStep; put(c, c10, c11, a1, panel, add); }
  if (rows > 2) { c += cStep; put(c, c20, c21, a2, panel, add); }
  if (rows > 3) { c += cStep; put(c, c30, c31, a3, panel, add); }
  if (rows > 4) { c += cStep; put(c, c40, c41, a4, panel, add); }
}

// Functions of their own, so that the engine gives each its own registers.
function tile1(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(1, c, a, b, k, cs, as, add); }
function tile2(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(2, c, a, b, k, cs, as, add); }
function tile3(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(3, c, a, b, k, cs, as, add); }
function tile4(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(4, c, a, b, k, cs, as, add); }
function tile5(c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void { tile(5, c, a, b, k, cs, as, add); }

function tileOf(rows: i32, c: usize, a: usize, b: usize, k: i32, cs: usize, as: usize, add: bool): void {
  if (rows == 5) tile5(c, a, b, k, cs, as, add);
  else if (rows == 4) tile4(c, a, b, k, cs, as, add);
  else if (rows == 3) tile3(c, a, b, k, cs, as, add);
  else if (rows == 2) tile2(c, a, b, k, cs, as, add);
  else tile1(c, a, b, k, cs, as, add);
}

/** One row times four panels side by side: C [1,32]. */
function tile1x4(c: usize, a: usize, panel: usize, k8: i32, panelBytes: usize, add: bool): void {
  const zero = i32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero;
  const p1 = panel + panelBytes, p2 = p1 + panelBytes, p3 = p2 + panelBytes;
  let w0 = panel + PANEL_HEAD, w1 = p1 + PANEL_HEAD, w2 = p2 + PANEL_HEAD, w3 = p3 + PANEL_HEAD;
  const end = a + ROW_HEAD + (<usize>k8 << 1);
  for (let p = a + ROW_HEAD; p < end; p += 4) {
    const s = v128.load32_splat(p);
    c0 = dot(s, v128.load8x8_s(w0), c0); c1 = dot(s, v128.load8x8_s(w0, 8), c1);
    c2 = dot(s, v128.load8x8_s(w1), c2); c3 = dot(s, v128.load8x8_s(w1, 8), c3);
    c4 = dot(s, v128.load8x8_s(w2), c4); c5 = dot(s, v128.load8x8_s(w2, 8), c5);
    c6 = dot(s, v128.load8x8_s(w3), c6); c7 = dot(s, v128.load8x8_s(w3, 8), c7);
    w0 += 16; w1 += 16; w2 += 16; w3 += 16;
  }
  put(c, c0, c1, a, panel, add);
  put(c + 32, c2, c3, a, p1, add);
  put(c + 64, c4, c5, a, p2, add);
  put(c + 96, c6, c7, a, p3, add);
}

/** Adds two products to each of four sums. */
@inline
function dot(s: v128, w: v128, sum: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(w, s));
}

/** Sums become numbers: times the scale of the row and those of the panel. */
@inline
function put(c: usize, low: v128, high: v128, row: usize, panel: usize, add: bool): void {
  const scale = v128.load32_splat(row);
  const y0 = f32x4.mul(f32x4.convert_i32x4_s(low), f32x4.mul(scale, v128.load(panel)));
  const y1 = f32x4.mul(f32x4.convert_i32x4_s(high), f32x4.mul(scale, v128.load(panel, 16)));
  v128.store(c, add ? f32x4.add(v128.load(c), y0) : y0);
  v128.store(c, add ? f32x4.add(v128.load(c, 16), y1) : y1, 16);
}
