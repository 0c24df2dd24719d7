/**
 * Normalisation of one row of G gates of H numbers each, inside a recurrent cell. Gates stand at their padded places,
 * H8 columns each; what pads them is zero and stays so.
 *   x̂ = (x − μ)/√(σ² + ε)      μ, σ² over the G·H numbers of the row
 * Source  Ba, Kiros & Hinton 2016
 */
import { madd, stride } from './simd';

/** Ones in the lanes of columns j … j+3 that are below H. */
@inline function within(j: i32, H: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(H));
}

@inline function total(lanes: v128): f32 {
  return f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
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
