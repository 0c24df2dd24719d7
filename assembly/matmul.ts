/**
 * Matrix products in f32. One operand is packed into panels of eight columns,
 *   panels [n8/8][k][8]      n8 = n rounded up to 8; the added columns are zero
 * so that the inner loop reads it in order, and a tile of results stays in V8's fifteen registers: 5×8 in plain
 * SIMD (ten accumulators, two vectors of the panel, one splat, one product), 6×8 where relaxed SIMD multiplies and
 * adds in one instruction.
 * Every element is summed over k in the same order whatever the tile, so a row's result does not
 * depend on the rows beside it.
 */
import { madd, stride, tileRows } from './simd';

/** Depth of a block: a panel of 512×8 floats (16 KB) stays in the L1 cache. */
const BLOCK_K: i32 = 512;
/** Rows of A that stay in the L2 cache while the panels pass by; a multiple of either tile. */
const BLOCK_M: i32 = 60;
/** Depth of a block of AᵀB: both operands are packed block by block. */
const BLOCK_ROWS: i32 = 400;
/** Rows of a tile; but one in a build for size, which reads one text at a time. */
const TILE: i32 = ASC_SHRINK_LEVEL > 1 ? 1 : ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** C [rows,8] (=|+=) A [rows,k] · panel [k,8]; A's element (r, p) lies at a + r·rowStep + p·kStep bytes. */
@inline
function tile(rows: i32, c: usize, a0: usize, panel: usize, k: i32, cStep: usize, rowStep: usize, kStep: usize, accumulate: bool): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
  let a1 = a0 + rowStep, a2 = a1 + rowStep, a3 = a2 + rowStep, a4 = a3 + rowStep, a5 = a4 + rowStep;
  const end = panel + (<usize>k << 5);
  while (panel < end) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    { const s = v128.load32_splat(a0); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01); a0 += kStep; }
    if (rows > 1) { const s = v128.load32_splat(a1); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11); a1 += kStep; }
    if (rows > 2) { const s = v128.load32_splat(a2); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21); a2 += kStep; }
    if (rows > 3) { const s = v128.load32_splat(a3); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31); a3 += kStep; }
    if (rows > 4) { const s = v128.load32_splat(a4); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41); a4 += kStep; }
    if (rows > 5) { const s = v128.load32_splat(a5); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51); a5 += kStep; }
    panel += 32;
  }
  put(c, c00, c01, accumulate);
  if (rows > 1) { c += cStep; put(c, c10, c11, accumulate); }
  if (rows > 2) { c += cStep; put(c, c20, c21, accumulate); }
  if (rows > 3) { c += cStep; put(c, c30, c31, accumulate); }
  if (rows > 4) { c += cStep; put(c, c40, c41, accumulate); }
  if (rows > 5) { c += cStep; put(c, c50, c51, accumulate); }
}

@inline
function put(c: usize, low: v128, high: v128, accumulate: bool): void {
  if (accumulate) {
    v128.store(c, f32x4.add(v128.load(c), low));
    v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
  } else {
    v128.store(c, low);
    v128.store(c, high, 16);
  }
}

// Functions of their own, so that the engine gives each its own registers.
function tile1(c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void { tile(1, c, a, b, k, cs, rs, ks, add); }
function tile2(c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void { tile(2, c, a, b, k, cs, rs, ks, add); }
function tile3(c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void { tile(3, c, a, b, k, cs, rs, ks, add); }
function tile4(c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void { tile(4, c, a, b, k, cs, rs, ks, add); }
function tile5(c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void { tile(5, c, a, b, k, cs, rs, ks, add); }

function tile6(c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void { tile(6, c, a, b, k, cs, rs, ks, add); }
function tileOf(rows: i32, c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void {
  if (ASC_FEATURE_RELAXED_SIMD && rows == 6) tile6(c, a, b, k, cs, rs, ks, add);
  else if (TILE >= 5 && rows == 5) tile5(c, a, b, k, cs, rs, ks, add);
  else if (TILE >= 4 && rows == 4) tile4(c, a, b, k, cs, rs, ks, add);
  else if (TILE >= 3 && rows == 3) tile3(c, a, b, k, cs, rs, ks, add);
  else if (TILE >= 2 && rows == 2) tile2(c, a, b, k, cs, rs, ks, add);
  else tile1(c, a, b, k, cs, rs, ks, add);
}

/**
 * One row times four panels side by side: C [1,32]. Eight sums hide each other's latency where five rows are not there;
 * two steps a round, as the loop itself weighs a third of one.
 */
function tile1x4(c: usize, a: usize, panel: usize, k: i32, panelStep: usize, add: bool): void {
  const zero = f32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero;
  let p1 = panel + panelStep, p2 = p1 + panelStep, p3 = p2 + panelStep;
  const end = a + (<usize>k << 2);
  if (k & 1) {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(panel), c0); c1 = madd(s, v128.load(panel, 16), c1);
    c2 = madd(s, v128.load(p1), c2); c3 = madd(s, v128.load(p1, 16), c3);
    c4 = madd(s, v128.load(p2), c4); c5 = madd(s, v128.load(p2, 16), c5);
    c6 = madd(s, v128.load(p3), c6); c7 = madd(s, v128.load(p3, 16), c7);
    a += 4; panel += 32; p1 += 32; p2 += 32; p3 += 32;
  }
  while (a < end) {
    const s = v128.load32_splat(a), t = v128.load32_splat(a, 4);
    c0 = madd(s, v128.load(panel), c0); c1 = madd(s, v128.load(panel, 16), c1);
    c2 = madd(s, v128.load(p1), c2); c3 = madd(s, v128.load(p1, 16), c3);
    c4 = madd(s, v128.load(p2), c4); c5 = madd(s, v128.load(p2, 16), c5);
    c6 = madd(s, v128.load(p3), c6); c7 = madd(s, v128.load(p3, 16), c7);
    c0 = madd(t, v128.load(panel, 32), c0); c1 = madd(t, v128.load(panel, 48), c1);
    c2 = madd(t, v128.load(p1, 32), c2); c3 = madd(t, v128.load(p1, 48), c3);
    c4 = madd(t, v128.load(p2, 32), c4); c5 = madd(t, v128.load(p2, 48), c5);
    c6 = madd(t, v128.load(p3, 32), c6); c7 = madd(t, v128.load(p3, 48), c7);
    a += 8; panel += 64; p1 += 64; p2 += 64; p3 += 64;
  }
  put(c, c0, c1, add);
  put(c + 32, c2, c3, add);
  put(c + 64, c4, c5, add);
  put(c + 96, c6, c7, add);
}

/**
 * C = A·B, or C += A·B with `accumulate`.
 * Writes  c [m, ldc], all n8 columns
 * Reads   a [m, lda] · panels of B [k, n]      lda, ldc in floats
 * Cost    2·m·n8·k flop
 */
export function matmul(
  c: usize, a: usize, panels: usize,
  m: i32, n: i32, k: i32, lda: i32, ldc: i32, accumulate: i32,
): void {
  const aStep = <usize>lda << 2;
  const cStep = <usize>ldc << 2;
  let add = accumulate != 0;
  for (let k0 = 0; k0 < k; k0 += BLOCK_K) {
    const kb = min(BLOCK_K, k - k0);
    for (let i0 = 0; i0 < m; i0 += BLOCK_M) {
      const end = min(m, i0 + BLOCK_M);
      let j = 0;
      if (end - i0 == 1) {
        for (; j + 32 <= n; j += 32) {
          const panel = panels + ((<usize>j * k + (<usize>k0 << 3)) << 2);
          const row = a + <usize>i0 * aStep + (<usize>k0 << 2);
          tile1x4(c + <usize>i0 * cStep + (<usize>j << 2), row, panel, kb, <usize>k << 5, add);
        }
      }
      for (; j < n; j += 8) {
        const panel = panels + ((<usize>j * k + (<usize>k0 << 3)) << 2);
        for (let i = i0, rows = 0; i < end; i += rows) {
          rows = tileRows(end - i, TILE);
          tileOf(
            rows,
            c + <usize>i * cStep + (<usize>j << 2), a + <usize>i * aStep + (<usize>k0 << 2), panel,
            kb, cStep, aStep, 4, add,
          );
        }
      }
    }
    add = true;
  }
}

/** Floats of scratch that matmulTransposedA needs. */
export function matmulTransposedAScratch(n: i32): i32 {
  return BLOCK_ROWS * (stride(n) + BLOCK_M) + TILE * 8;
}

/**
 * C += Aᵀ·B: the gradient of a weight matrix, summed over all rows of a batch.
 * Writes  c [m, n] dense
 * Reads   a [rows, lda] · b [rows, ldb]     lda, ldb in floats
 * Cost    2·m·n8·rows flop, packing included
 */
export function matmulTransposedA(
  c: usize, a: usize, b: usize, scratch: usize,
  m: i32, n: i32, rows: i32, lda: i32, ldb: i32,
): void {
  const panels = scratch; // [n8/8][kb][8]
  const packedA = panels + (<usize>(BLOCK_ROWS * stride(n)) << 2); // [tiles][kb][tile rows]
  const edge = packedA + (<usize>(BLOCK_ROWS * BLOCK_M) << 2); // [tile rows][8], the last panel of a ragged n
  const cStep = <usize>n << 2;
  const whole = n & ~7;
  for (let k0 = 0; k0 < rows; k0 += BLOCK_ROWS) {
    const kb = min(BLOCK_ROWS, rows - k0);
    packRowsAt(panels, b + ((<usize>k0 * ldb) << 2), kb, n, ldb, kb, 0);
    for (let i0 = 0; i0 < m; i0 += BLOCK_M) {
      const mb = min(BLOCK_M, m - i0);
      packTiles(packedA, a + ((<usize>k0 * lda + i0) << 2), kb, mb, lda);
      for (let j = 0; j < n; j += 8) {
        const panel = panels + ((<usize>j * kb) << 2);
        for (let i = 0; i < mb; i += TILE) {
          const r = min(TILE, mb - i);
          const tileA = packedA + ((<usize>i * kb) << 2);
          const target = c + <usize>(i0 + i) * cStep + (<usize>j << 2);
          if (j < whole) {
            tileOf(r, target, tileA, panel, kb, cStep, 4, <usize>r << 2, true);
          } else {
            tileOf(r, edge, tileA, panel, kb, 32, 4, <usize>r << 2, false);
            addEdge(target, edge, r, n - whole, cStep);
          }
        }
      }
    }
  }
}

/** C [rows, columns] += edge [rows, 8], for the columns beyond the last whole panel. */
function addEdge(c: usize, edge: usize, rows: i32, columns: i32, cStep: usize): void {
  for (let r = 0; r < rows; r++, c += cStep, edge += 32) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) {
      store<f32>(c + j, load<f32>(c + j) + load<f32>(edge + j));
    }
  }
}

/** A [k, lda] → [m/tile][k][tile rows], the last tile narrower: reads along the rows, writes in order. */
function packTiles(packed: usize, a: usize, k: i32, m: i32, lda: i32): void {
  const aStep = <usize>lda << 2;
  for (let i = 0; i < m; i += TILE) {
    const r = min(TILE, m - i);
    let from = a + (<usize>i << 2);
    const end = packed + (<usize>(k * r) << 2);
    if (r == TILE) {
      for (; packed < end; packed += TILE * 4, from += aStep) {
        v128.store(packed, v128.load(from));
        store<f32>(packed, load<f32>(from, 16), 16);
        if (ASC_FEATURE_RELAXED_SIMD) store<f32>(packed, load<f32>(from, 20), 20);
      }
    } else {
      for (; packed < end; packed += <usize>r << 2, from += aStep) {
        memory.copy(packed, from, <usize>r << 2);
      }
    }
  }
}

/** panels of B [k, n], row-major with n floats a row. */
export function packRows(panels: usize, b: usize, k: i32, n: i32): void {
  packRowsAt(panels, b, k, n, n, k, 0);
}

/** Rows of B [rows, ldb] become rows at … at+rows of panels that are `depth` rows deep. */
export function packRowsAt(
  panels: usize, b: usize,
  rows: i32, n: i32, ldb: i32, depth: i32, at: i32,
): void {
  const panelStep = <usize>depth << 5;
  const whole = n & ~7;
  for (let p = 0; p < rows; p++) {
    let from = b + ((<usize>p * ldb) << 2);
    let to = panels + (<usize>(at + p) << 5);
    const end = from + (<usize>whole << 2);
    for (; from < end; from += 32, to += panelStep) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    if (whole < n) {
      v128.store(to, f32x4.splat(0));
      v128.store(to, f32x4.splat(0), 16);
      memory.copy(to, from, <usize>(n - whole) << 2);
    }
  }
}

/** panels of B = Wᵀ, where W [n, k] is a dense weight matrix (one row an output). */
export function packTransposed(panels: usize, w: usize, n: i32, k: i32): void {
  const row = <usize>k << 2;
  for (let j = 0; j < n; j += 8, panels += <usize>k << 5) {
    const r = min(8, n - j);
    let from = w + <usize>j * row;
    if (r < 8) memory.fill(panels, 0, <usize>k << 5);
    if (r == 8) {
      const lower = from + 4 * row;
      let to = panels;
      let p: usize = 0;
      for (; p < <usize>(k & ~3) << 2; p += 16, to += 128) {
        transpose4(to, from + p, row);
        transpose4(to + 16, lower + p, row);
      }
      for (; p < row; p += 4, to += 32) {
        for (let q: usize = 0; q < 8; q++) store<f32>(to + (q << 2), load<f32>(from + p + q * row));
      }
    } else {
      for (let q = 0; q < r; q++, from += row) {
        for (let p: usize = 0; p < <usize>k; p++) {
          store<f32>(panels + (p << 5) + (<usize>q << 2), load<f32>(from + (p << 2)));
        }
      }
    }
  }
}

/**
 * Four rows of four become four columns, written 32 bytes apart. Lane by lane: as fast as shuffles, of which an engine's
 * first compiler makes so much code that it counts as hot, and is compiled again, in the one pass that a model is packed in.
 */
@inline
function transpose4(to: usize, from: usize, row: usize): void {
  const r1 = from + row, r2 = r1 + row, r3 = r2 + row;
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from), 1), 2), 3));
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from, 4), 1, 4), 2, 4), 3, 4), 32);
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from, 8), 1, 8), 2, 8), 3, 8), 64);
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from, 12), 1, 12), 2, 12), 3, 12), 96);
}
