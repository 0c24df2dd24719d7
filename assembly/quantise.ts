/**
 * Matrix products in integers. Weights are int8 with one scale a row; activations are quantised row by row as they
 * come: to 7 bits in relaxed SIMD, which multiplies such numbers four times as fast, in plain SIMD to as many levels as
 * a sum of k products leaves room for in 32 bits. Sums of integers are exact, so a result has the same bits in
 * whatever order it was summed. How the numbers lie is dot.ts's.
 */
import { LARGEST, multiply, multiplyWide, panelBytesOf, putEight, putScale, putWeights, rowBytesOf, TILE } from './dot';
import { stride, tileRows } from './simd';

/** Rows of activations quantised at a time; they stay in the L2 cache while the panels pass by. A multiple of either tile. */
const BLOCK_M: i32 = 60;
/** Smaller rows than this are zero: their inverse scale would be infinite. */
const TINY: f32 = 1e-30;

/**
 * The largest number that an activation becomes: 128·levels·k < 2^31, so that no sum overflows.
 *   relaxed 63; plain 32767 up to k = 512, 4095 at k = 4096, 255 at k = 65536
 */
export function quantisedLevels(k: i32): i32 {
  return min(LARGEST, i32.MAX_VALUE / (k << 7));
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

/** Bytes of a panel: eight rows of k weights. */
export function quantisedPanelBytes(k: i32): usize {
  return panelBytesOf(k);
}

/** Panels of int8 weights [n,k] and their scales [n]: n8/8 times quantisedPanelBytes(k). */
export function packQuantised(panels: usize, weight: usize, scales: usize, n: i32, k: i32): void {
  const panelBytes = panelBytesOf(k);
  memory.fill(panels, 0, (<usize>stride(n) >> 3) * panelBytes);
  for (let j = 0; j < n; j++, weight += <usize>k, scales += 4) {
    putWeights(panels + <usize>(j >> 3) * panelBytes, <usize>(j & 7), weight, load<f32>(scales), k);
  }
}

/** Floats of scratch that matmulQuantised needs. */
export function matmulQuantisedScratch(k: i32): i32 {
  return BLOCK_M * <i32>(rowBytesOf(k) >> 2);
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
  const aStep = <usize>stride(k) << 2;
  const cStep = <usize>ldc << 2;
  for (let i = 0; i < m; i += BLOCK_M) {
    const rows = min(BLOCK_M, m - i);
    quantiseRows(scratch, a + <usize>i * aStep, rows, k);
    multiplyQuantised(c + <usize>i * cStep, scratch, panels, rows, n, k, ldc, accumulate);
  }
}

/**
 * Rows of activations in whole numbers.
 * Writes  q: m rows as dot.ts lays them
 * Reads   a [m, k8] f32, its padding zero
 */
export function quantiseRows(q: usize, a: usize, m: i32, k: i32): void {
  const k8 = stride(k);
  const rowBytes = rowBytesOf(k);
  for (let i = 0; i < m; i++, q += rowBytes, a += <usize>k8 << 2) quantiseRow(q, a, k8, quantisedLevels(k));
}

/** matmulQuantised of rows that are whole numbers already: q of quantiseRows. */
function multiplyQuantised(
  c: usize, q: usize, panels: usize,
  m: i32, n: i32, k: i32, ldc: i32, accumulate: i32,
): void {
  const rowBytes = rowBytesOf(k);
  const panelBytes = panelBytesOf(k);
  const cStep = <usize>ldc << 2;
  const add = accumulate != 0;
  let j = 0;
  if (m == 1) {
    for (; j + 32 <= n; j += 32, panels += panelBytes << 2, c += 128) multiplyWide(c, q, panels, k, add);
  }
  for (; j < n; j += 8, panels += panelBytes, c += 32) {
    for (let i = 0, rows = 0; i < m; i += rows) {
      rows = tileRows(m - i, TILE);
      multiply(rows, c + <usize>i * cStep, q + <usize>i * rowBytes, panels, k, cStep, rowBytes, add);
    }
  }
}

/** q = round(x·levels / max |x|) of one row. */
function quantiseRow(q: usize, x: usize, k8: i32, levels: i32): void {
  const end = x + (<usize>k8 << 2);
  // The bits of numbers that are not negative are ordered as the numbers are; those of NaN come last.
  let most = i32x4.splat(0);
  for (let from = x; from < end; from += 16) most = i32x4.max_s(most, f32x4.abs(v128.load(from)));
  const largest = reinterpret<f32>(max(
    max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1)),
    max(i32x4.extract_lane(most, 2), i32x4.extract_lane(most, 3)),
  ));
  const isZero = largest < TINY;
  putScale(q, isZero ? 0 : largest / <f32>levels);
  const inverse = f32x4.splat(isZero ? 0 : <f32>levels / largest);
  // 1.5·2^23: what it is added to is rounded to a whole number, which the lowest bits then hold.
  const rounding = f32x4.splat(12_582_912);
  for (let p = 0; p < k8; p += 8, x += 32) {
    const low = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x), inverse), rounding), rounding);
    const high = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x, 16), inverse), rounding), rounding);
    putEight(q, p, low, high);
  }
}
