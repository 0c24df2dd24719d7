// How parameters begin, beside fillUniform (random.ts). No kernel is fast: each runs once.

import { logScalar } from '../math';
import { nextA, nextB, nextC, nextD, seedWord, uniform } from '../random';

/**
 * Normal numbers of mean 0, two from each point (u, v) within the unit circle:
 *   deviation·u·√(−2 ln s / s), the same of v      s = u² + v²
 * Writes  dst [n]
 * Error   ≤ 4.6e-7 of the largest element (measured)
 * Source  Marsaglia & Bray 1964 (polar method)
 */
export function fillNormal(dst: usize, n: i32, deviation: f32, seed: u32, stream: u32): void {
  const end = dst + (<usize>n << 2);
  let a = seedWord(seed, stream, 0, 0);
  let b = seedWord(seed, stream, 0, 1);
  let c = seedWord(seed, stream, 0, 2);
  let d = seedWord(seed, stream, 0, 3);
  while (dst < end) {
    const four = f32x4.sub(f32x4.mul(uniform(a, d), f32x4.splat(2)), f32x4.splat(1));
    dst = putPair(dst, end, f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1), deviation);
    dst = putPair(dst, end, f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3), deviation);
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}

/** Writes what is left of a pair, if its point lies within the circle. Returns where to go on. */
function putPair(dst: usize, end: usize, u: f32, v: f32, deviation: f32): usize {
  const s = u * u + v * v;
  if (s >= 1 || s == 0) return dst;
  const factor = deviation * <f32>Math.sqrt(<f64>(-2 * logScalar(s) / s));
  if (dst < end) store<f32>(dst, u * factor);
  if (dst + 4 < end) store<f32>(dst + 4, v * factor);
  return dst + 8;
}

/**
 * Makes each of `maps` matrices orthogonal: its rows, or where it is higher than wide its columns, are made perpendicular
 * one after the other, and of length 1. Of normal numbers every orthogonal matrix comes as likely as any other.
 * Writes  w [maps·O, I], in place
 * Error   ≤ 7.3e-8 of W·Wᵀ − 1 (measured)
 * Source  Gram–Schmidt, twice (Giraud et al. 2005); of weights: Saxe et al. 2014
 */
export function orthogonalRows(w: usize, maps: i32, O: i32, I: i32): void {
  const count = min(O, I);
  const length = max(O, I);
  const vectorStep: usize = O > I ? 4 : <usize>I << 2;
  const step: usize = O > I ? <usize>I << 2 : 4;
  for (let map = 0; map < maps; map++, w += <usize>(O * I) << 2) {
    for (let i = 0; i < count; i++) {
      const own = w + <usize>i * vectorStep;
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < i; j++) {
          const other = w + <usize>j * vectorStep;
          add(own, other, -dot(own, other, length, step), length, step);
        }
      }
      const norm = Math.sqrt(dot(own, own, length, step));
      for (let k: usize = 0, at = own; k < <usize>length; k++, at += step) {
        store<f32>(at, <f32>(<f64>load<f32>(at) / norm));
      }
    }
  }
}

function dot(x: usize, y: usize, n: i32, step: usize): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < n; k++, x += step, y += step) sum += <f64>load<f32>(x) * <f64>load<f32>(y);
  return sum;
}

function add(y: usize, x: usize, a: f64, n: i32, step: usize): void {
  for (let k = 0; k < n; k++, x += step, y += step) store<f32>(y, <f32>(<f64>load<f32>(y) + a * <f64>load<f32>(x)));
}
