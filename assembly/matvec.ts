/**
 * One row times int8 weights as a file has them, row by row, but in i16: there is nothing to pack, for which a first answer
 * would wait. In plain SIMD. Loops are written for an engine's first compiler, too, in which most of a first answer runs.
 */
import { numbersOf, sumsOf } from './dot';
import { stride } from './simd';

/** Rows that are summed together. */
const ROWS: i32 = 8;
/** Weights of a row that are read at a time; what is read beyond its end meets zeros. */
const STEP: i32 = 16;

/**
 * y = W·x
 * Writes  y [n8], its padding zero
 * Reads   weight [n,k] i16, readable for 7 rows and 16 numbers more · scales [n], readable up to n8
 *         q: a row of quantiseRows, zero up to a multiple of STEP; its place for sums is scratch
 * Error   0 against matmulQuantised
 */
export function multiplyRows(y: usize, q: usize, weight: usize, scales: usize, n: i32, k: i32): void {
  const row = <usize>k << 1;
  const end = numbersOf(q) + (<usize>((k + STEP - 1) & -STEP) << 1);
  for (let j: i32 = 0; j < n; j += ROWS, weight += row * ROWS) {
    eightRows(y + (<usize>j << 2), q, scales + (<usize>j << 2), end, weight, row);
  }
  if (n & 7) memory.fill(y + (<usize>n << 2), 0, <usize>(stride(n) - n) << 2);
}

/** y [8] */
function eightRows(y: usize, q: usize, scales: usize, end: usize, w: usize, row: usize): void {
  let x = numbersOf(q);
  const sums = sumsOf(q);
  let c0 = i32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  const back = row * (ROWS - 1) - 2 * STEP;
  while (x < end) {
    const s = v128.load(x), t = v128.load(x, 16);
    c0 = plus(plus(c0, v128.load(w), s), v128.load(w, 16), t);
    w += row;
    c1 = plus(plus(c1, v128.load(w), s), v128.load(w, 16), t);
    w += row;
    c2 = plus(plus(c2, v128.load(w), s), v128.load(w, 16), t);
    w += row;
    c3 = plus(plus(c3, v128.load(w), s), v128.load(w, 16), t);
    w += row;
    c4 = plus(plus(c4, v128.load(w), s), v128.load(w, 16), t);
    w += row;
    c5 = plus(plus(c5, v128.load(w), s), v128.load(w, 16), t);
    w += row;
    c6 = plus(plus(c6, v128.load(w), s), v128.load(w, 16), t);
    w += row;
    c7 = plus(plus(c7, v128.load(w), s), v128.load(w, 16), t);
    w -= back;
    x += 2 * STEP;
  }
  v128.store(sums, c0);
  v128.store(sums, c1, 16);
  v128.store(sums, c2, 32);
  v128.store(sums, c3, 48);
  v128.store(sums, c4, 64);
  v128.store(sums, c5, 80);
  v128.store(sums, c6, 96);
  v128.store(sums, c7, 112);
  const scale = v128.load32_splat(q);
  for (let half: usize = 0; half < 32; half += 16) {
    const at = sums + (half << 2);
    const a = addPairs(v128.load(at), v128.load(at, 16));
    const b = addPairs(v128.load(at, 32), v128.load(at, 48));
    const total = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7));
    v128.store(y + half, f32x4.mul(f32x4.convert_i32x4_s(total), f32x4.mul(scale, v128.load(scales + half))));
  }
}

/** Of each the sums of lanes 0 and 2, and 1 and 3: a b a b. */
@inline
function addPairs(a: v128, b: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
}

@inline
function plus(sum: v128, weights: v128, x: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(weights, x));
}
