/**
 * Normalisation inside a recurrent cell: x̂ = (x − μ)/√(σ² + ε), μ and σ² over the numbers of a row (Ba, Kiros & Hinton
 * 2016), or over the rows of each column (Ioffe & Szegedy 2015). A row has G gates of H numbers each at their padded
 * places, H8 columns each; what pads them is zero and stays so.
 */
import { madd, setScaled, stride, total } from './simd';
import { add } from './vectors';

/** Ones in the lanes of columns j … j+3 that are below H. */
@inline function within(j: i32, H: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(H));
}

/** Writes x̂ over x [G·H8]. @returns 1/√(σ² + ε), which backward needs */
export function normaliseRow(x: usize, H: i32, G: i32, epsilon: f32): f32 {
  const H8 = stride(H);
  const end = x + (<usize>(G * H8) << 2);
  const count = <f32>(G * H);
  let lanes = f32x4.splat(0);
  for (let at = x; at < end; at += 16) lanes = f32x4.add(lanes, v128.load(at));
  const mean = f32x4.splat(total(lanes) / count);
  lanes = f32x4.splat(0);
  for (let at = x; at < end; ) {
    for (let j = 0; j < H8; j += 4, at += 16) {
      const off = v128.and(f32x4.sub(v128.load(at), mean), within(j, H));
      v128.store(at, off);
      lanes = madd(off, off, lanes);
    }
  }
  const inverse = <f32>1 / sqrt<f32>(total(lanes) / count + epsilon);
  const factor = f32x4.splat(inverse);
  for (let at = x; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
  return inverse;
}

/**
 *   g = gain∘dY      dX = (g − mean g − x̂·mean(g∘x̂))/√(σ² + ε)      dGain += dY∘x̂
 * Writes  dX [G·H8], which may lie over dY or over x̂
 * Adds to dGain [G·H8]
 * Reads   dY, normal (x̂) [G·H8] · gain [G·H8], zero where gates are padded · what normaliseRow returned
 */
export function normaliseRowBackward(
  dX: usize, dGain: usize, dY: usize, normal: usize, gain: usize, inverse: f32, H: i32, G: i32,
): void {
  const H8 = stride(H);
  const bytes = <usize>(G * H8) << 2;
  let sums = f32x4.splat(0);
  let products = f32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += 16) {
    const dy = v128.load(dY + k);
    const own = v128.load(normal + k);
    const g = f32x4.mul(v128.load(gain + k), dy);
    sums = f32x4.add(sums, g);
    products = madd(g, own, products);
    v128.store(dGain + k, madd(dy, own, v128.load(dGain + k)));
  }
  const share = <f32>1 / <f32>(G * H);
  const mean = f32x4.splat(total(sums) * share);
  const slope = f32x4.splat(total(products) * share);
  const factor = f32x4.splat(inverse);
  for (let k: usize = 0; k < bytes; ) {
    for (let j = 0; j < H8; j += 4, k += 16) {
      const g = f32x4.mul(v128.load(gain + k), v128.load(dY + k));
      const off = f32x4.sub(g, madd(v128.load(normal + k), slope, mean));
      v128.store(dX + k, v128.and(f32x4.mul(off, factor), within(j, H)));
    }
  }
}

/**
 * Mean and variance of each column over rows.
 * Writes  mean, inverse (1/√(σ² + ε)), variance [columns], a multiple of 4
 * Reads   x, rows `step` bytes apart · index [rows] (0: row n is row n of x)
 */
export function columnMoments(
  mean: usize, inverse: usize, variance: usize, x: usize, index: usize, rows: i32, step: usize, columns: i32, epsilon: f32,
): void {
  const bytes = <usize>columns << 2;
  const share = <f32>1 / <f32>rows;
  memory.fill(mean, 0, bytes);
  memory.fill(variance, 0, bytes);
  for (let n = 0; n < rows; n++) add(mean, x + rowOf(index, n) * step, bytes);
  setScaled(mean, mean, columns, share);
  for (let n = 0; n < rows; n++) {
    const at = x + rowOf(index, n) * step;
    for (let k: usize = 0; k < bytes; k += 16) {
      const off = f32x4.sub(v128.load(at + k), v128.load(mean + k));
      v128.store(variance + k, madd(off, off, v128.load(variance + k)));
    }
  }
  setScaled(variance, variance, columns, share);
  for (let k: usize = 0; k < bytes; k += 16) {
    const deviation = f32x4.sqrt(f32x4.add(v128.load(variance + k), f32x4.splat(epsilon)));
    v128.store(inverse + k, f32x4.div(f32x4.splat(1), deviation));
  }
}

/** x̂ = inverse∘(x − mean) over x, a row of so many bytes. */
export function normalise(x: usize, mean: usize, inverse: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    v128.store(x + k, f32x4.mul(f32x4.sub(v128.load(x + k), v128.load(mean + k)), v128.load(inverse + k)));
  }
}

/** The row that word n shows: itself where there is no index. */
@inline export function rowOf(index: usize, n: i32): usize {
  return <usize>(index ? load<i32>(index + (<usize>n << 2)) : n);
}

/**
 *   dX = gain∘(dY − mean dY − x̂∘mean(dY∘x̂))/√(σ² + ε)      dGain += Σ dY∘x̂      over the rows
 * and without either mean where the statistics are fixed.
 * Writes  dX, which may lie over dY or over x̂
 * Adds to dGain [columns]
 * Reads   dY, normal (x̂), each with its own bytes from row to row · gain, inverse [columns]
 */
export function normaliseColumnsBackward(
  dX: usize, dXStep: usize, dGain: usize, dY: usize, dYStep: usize, normal: usize, normalStep: usize,
  gain: usize, inverse: usize, rows: i32, columns: i32, isFixed: bool,
): void {
  const share = f32x4.splat(isFixed ? 0 : <f32>1 / <f32>rows);
  for (let k: usize = 0, end = <usize>columns << 2; k < end; k += 16) {
    let sum = f32x4.splat(0);
    let product = f32x4.splat(0);
    for (let r = 0, d = dY + k, x = normal + k; r < rows; r++, d += dYStep, x += normalStep) {
      const dy = v128.load(d);
      sum = f32x4.add(sum, dy);
      product = madd(dy, v128.load(x), product);
    }
    v128.store(dGain + k, f32x4.add(v128.load(dGain + k), product));
    const level = f32x4.mul(sum, share);
    const slope = f32x4.mul(product, share);
    const factor = f32x4.mul(v128.load(gain + k), v128.load(inverse + k));
    for (let r = 0, d = dY + k, x = normal + k, to = dX + k; r < rows; r++, d += dYStep, x += normalStep, to += dXStep) {
      const off = f32x4.sub(v128.load(d), madd(v128.load(x), slope, level));
      v128.store(to, f32x4.mul(off, factor));
    }
  }
}
