/**
 * Products as large as V8's fifteen registers hold: a tile of C, whose sums stay in them while A and a panel of B pass by. 5×8 in
 * plain SIMD (ten accumulators, two vectors of the panel, one splat, one product), 6×8 where relaxed SIMD multiplies and
 * adds in one instruction.
 */
import { madd } from './simd';

/** Rows of a tile; but one in a build for size, which reads one text at a time. */
export const TILE: i32 = ASC_SHRINK_LEVEL > 1 ? 1 : ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

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

/** The tile of so many rows, TILE at most. */
export function tileOf(rows: i32, c: usize, a: usize, b: usize, k: i32, cs: usize, rs: usize, ks: usize, add: bool): void {
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
export function tile1x4(c: usize, a: usize, panel: usize, k: i32, panelStep: usize, add: bool): void {
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
