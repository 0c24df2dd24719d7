/**
 * Strassen's product: C += A·B of two halves each way takes seven products of blocks, of sums of blocks, in place of eight.
 * A sum mixes rows and columns, so a result is as exact as the largest numbers of A and B allow, not each as its own terms do.
 * Source  Strassen 1969; sums of C are taken from each tile as by Huang et al. 2016
 */
import { matmul } from './matmul';
import { madd, tileRows } from './simd';
import { TILE, tileOf } from './tile';

/**
 * The seven products. Of A, of B and of C each: a block, another one, its sign. Blocks: 0 upper left, 1 upper right, 2 lower left,
 * 3 lower right; sign 0: there is no other.
 */
const PRODUCTS: usize = memory.data<i8>([
  // A       B         C
  0, 3, 1,   0, 3, 1,  0, 3, 1,
  2, 3, 1,   0, 0, 0,  2, 3, -1,
  0, 0, 0,   1, 3, -1, 1, 3, 1,
  3, 0, 0,   2, 0, -1, 0, 2, 1,
  0, 1, 1,   3, 0, 0,  1, 0, -1,
  2, 0, -1,  0, 1, 1,  3, 0, 0,
  1, 3, -1,  2, 3, 1,  0, 0, 0,
]);
const NUMBERS: usize = 9;
const OF_B: usize = 3;
const OF_C: usize = 6;
const END: usize = PRODUCTS + 7 * NUMBERS;
/** Products of which B is a sum. */
const SUMS: i32 = 5;

/** What is gained outweighs the sums from so many rows of A on, and from such a B on: that of an LSTM of 128. */
const LEAST_ROWS: i32 = 8;
const LEAST_B: i32 = 128 * 512;
/** Rows of a block of A: as many as matmul has twice. */
const MOST_ROWS: i32 = 120;

/** Floats of scratch for B [k,n]. */
export function strassenScratch(n: i32, k: i32): i32 {
  return halves(n, k) ? (SUMS * (n >> 1) + (MOST_ROWS >> 1)) * (k >> 1) + TILE * 8 : 0;
}

/** Whether B falls into four blocks of whole panels that are large enough. */
function halves(n: i32, k: i32): bool {
  return !(n & 15) && !(k & 7) && n * k >= LEAST_B;
}

/**
 * Sums the blocks of B in scratch, for all products with it, of m rows at most.
 * @returns the scratch; 0 where plain products are faster, or there is no scratch
 */
export function strassenSums(scratch: usize, panels: usize, m: i32, n: i32, k: i32): usize {
  if (!scratch || m < LEAST_ROWS || !halves(n, k)) return 0;
  const down = <usize>k << 4; // half a panel
  const right = <usize>(n >> 1) * <usize>k << 2;
  let to = scratch;
  for (let p = PRODUCTS + OF_B; p < END; p += NUMBERS) {
    const sign = load<i8>(p, 2);
    if (!sign) continue;
    let x = block(p, panels, down, right), y = block(p + 1, panels, down, right);
    for (let j = 0; j < n; j += 16, to += down, x += 2 * down, y += 2 * down) sum(to, x, y, sign, down);
  }
  return scratch;
}

/**
 * C += A·B
 * Writes  c [m, ldc]
 * Reads   a [m, lda] · panels of B [k, n] · sums of strassenSums; 0: the product is a plain one      lda, ldc in floats
 * Cost    2·m·n·k flop, of which an eighth is saved
 */
export function matmulStrassen(
  c: usize, a: usize, panels: usize, sums: usize,
  m: i32, n: i32, k: i32, lda: i32, ldc: i32,
): void {
  const aStep = <usize>lda << 2;
  const cStep = <usize>ldc << 2;
  let i = 0;
  for (let rows = 0; sums && m - i >= LEAST_ROWS; i += rows) {
    rows = min(m - i, MOST_ROWS) & ~1;
    sevenProducts(c + <usize>i * cStep, a + <usize>i * aStep, panels, sums, rows, n, k, aStep, cStep);
  }
  matmul(c + <usize>i * cStep, a + <usize>i * aStep, panels, m - i, n, k, lda, ldc, 1);
}

/** The same for an even number of rows, at most MOST_ROWS. */
function sevenProducts(
  c: usize, a: usize, panels: usize, sums: usize,
  m: i32, n: i32, k: i32, aStep: usize, cStep: usize,
): void {
  const rows = m >> 1;
  const bytes = <usize>k << 1; // of a row of a block of A
  const aDown = <usize>rows * aStep, cDown = <usize>rows * cStep;
  const bDown = <usize>k << 4, bRight = <usize>(n >> 1) * <usize>k << 2, cRight = <usize>n << 1;
  const aSum = sums + <usize>SUMS * (bRight >> 1);
  const tile = aSum + <usize>(MOST_ROWS >> 1) * bytes;
  for (let p = PRODUCTS; p < END; p += NUMBERS) {
    let x = block(p, a, aDown, bytes), xStep = aStep;
    if (load<i8>(p, 2)) {
      const y = block(p + 1, a, aDown, bytes);
      for (let r = 0; r < rows; r++) {
        const at = <usize>r * aStep;
        sum(aSum + <usize>r * bytes, x + at, y + at, load<i8>(p, 2), bytes);
      }
      x = aSum;
      xStep = bytes;
    }
    let panel = block(p + OF_B, panels, bDown, bRight), panelStep: usize = 2 * bDown;
    if (load<i8>(p + OF_B, 2)) {
      panel = sums;
      panelStep = bDown;
      sums += bRight >> 1;
    }
    const z = block(p + OF_C, c, cDown, cRight), d = block(p + OF_C + 1, c, cDown, cRight);
    const sign = load<i8>(p + OF_C, 2);
    for (let j = 0; j < n; j += 16, panel += panelStep) {
      for (let i = 0, r = 0; i < rows; i += r) {
        r = tileRows(rows - i, TILE);
        const at = <usize>i * cStep + (<usize>j << 1), from = x + <usize>i * xStep;
        if (!sign) {
          tileOf(r, z + at, from, panel, k >> 1, cStep, xStep, 4, true);
          continue;
        }
        tileOf(r, tile, from, panel, k >> 1, 32, xStep, 4, false);
        addTwice(z + at, d + at, <f32>sign, tile, r, cStep);
      }
    }
  }
}

/**
 * C [rows,8] += a tile, D += sign·tile. By way of memory, since V8 before Node 24 lets a tile's loop run at half speed if what it
 * has summed up is used twice.
 */
function addTwice(c: usize, d: usize, sign: f32, tile: usize, rows: i32, step: usize): void {
  const factor = f32x4.splat(sign);
  for (const end = tile + (<usize>rows << 5); tile < end; tile += 32, c += step, d += step) {
    const low = v128.load(tile), high = v128.load(tile, 16);
    v128.store(c, f32x4.add(v128.load(c), low));
    v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
    v128.store(d, madd(low, factor, v128.load(d)));
    v128.store(d, madd(high, factor, v128.load(d, 16)), 16);
  }
}

/** Where the block lies whose number stands at p. */
@inline
function block(p: usize, whole: usize, down: usize, right: usize): usize {
  const number = load<i8>(p);
  return whole + <usize>(number >> 1) * down + <usize>(number & 1) * right;
}

/** z = x + sign·y, whole vectors. */
function sum(z: usize, x: usize, y: usize, sign: i32, bytes: usize): void {
  const factor = f32x4.splat(<f32>sign);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(z + i, f32x4.add(v128.load(x + i), f32x4.mul(factor, v128.load(y + i))));
}
