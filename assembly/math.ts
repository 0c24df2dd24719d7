// exp, sigmoid, tanh, log on four lanes. Errors are the largest relative ones over dense sweeps against float64
// (test/kernels/math.test.ts). NaN in gives NaN out. With plain SIMD every engine returns the same bits.
// Constants lie in tables, each repeated for four lanes: a splat inside a hot loop halves its speed.

import { madd } from './simd';

/**
 * e^x = 2^n·e^r,  n = round(x/ln 2),  r = x − n·ln 2 in [−ln 2/2, ln 2/2]
 * Range   x ≤ −87.69 gives 0, x ≥ 88.38 gives Infinity
 * Error   ≤ 1.2e-7 for x ≥ −87.3 (below, the result is subnormal)
 * Source  polynomial of Cephes expf (Moshier); ln 2 in two parts after Cody & Waite 1980
 */
@inline export function exp(x: v128): v128 {
  // f32x4.pmax(x, c) is c only where x < c, so NaN passes; likewise pmin.
  const a = f32x4.pmin(f32x4.pmax(x, v128.load(EXP, 0)), v128.load(EXP, 16));
  // Adding 1.5·2^23 + 127 rounds to an integer and leaves n + 127, the exponent of 2^n, in the lowest bits.
  const shifted = madd(a, v128.load(EXP, 32), v128.load(EXP, 48));
  const n = f32x4.sub(shifted, v128.load(EXP, 48));
  return power2(shifted, madd(n, v128.load(EXP, 80), madd(n, v128.load(EXP, 64), a)));
}

/** e^−x, the bits of exp(−x) without a step for the sign. */
@inline
function expOfNegative(x: v128): v128 {
  const a = f32x4.pmin(f32x4.pmax(x, v128.load(EXP, 192)), v128.load(EXP, 208));
  const shifted = madd(a, v128.load(EXP, 224), v128.load(EXP, 48));
  const n = f32x4.sub(shifted, v128.load(EXP, 48));
  // n times the high part of ln 2 is exact, so one rounding or two are the same.
  return power2(shifted, madd(n, v128.load(EXP, 80), f32x4.sub(f32x4.mul(n, v128.load(EXP, 64)), a)));
}

/** 2^n·e^r, where the lowest bits of `shifted` are n + 127. Two powers of r at a time: half the wait of one after the other. */
@inline
function power2(shifted: v128, r: v128): v128 {
  const s = f32x4.mul(r, r);
  const high = madd(v128.load(EXP, 96), r, v128.load(EXP, 112));
  const middle = madd(v128.load(EXP, 128), r, v128.load(EXP, 144));
  const low = madd(v128.load(EXP, 160), r, v128.load(EXP, 176));
  const p = madd(madd(madd(high, s, middle), s, low), s, f32x4.add(r, v128.load(ONE)));
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/**
 * 1/(1 + e^−x)
 * Range   x ≤ −88.38 gives 0
 * Error   ≤ 2.0e-7 for x ≥ −87.3
 */
@inline export function sigmoid(x: v128): v128 {
  const one = v128.load(ONE);
  return f32x4.div(one, f32x4.add(one, expOfNegative(x)));
}

/**
 * tanh x = x·P(x²)/Q(x²), P of degree 6, Q of degree 3
 * Range   |x| ≥ 7.905 gives ±1
 * Error   ≤ 4.2e-7 for |x| ≥ 1e-35
 * Source  minimax coefficients of Eigen's ptanh
 */
@inline export function tanh(x: v128): v128 {
  const a = f32x4.pmin(f32x4.pmax(x, v128.load(TANH, 0)), v128.load(TANH, 16));
  const s = f32x4.mul(a, a);
  let p = madd(v128.load(TANH, 32), s, v128.load(TANH, 48));
  p = madd(p, s, v128.load(TANH, 64));
  p = madd(p, s, v128.load(TANH, 80));
  p = madd(p, s, v128.load(TANH, 96));
  p = madd(p, s, v128.load(TANH, 112));
  p = madd(p, s, v128.load(TANH, 128));
  let q = madd(v128.load(TANH, 144), s, v128.load(TANH, 160));
  q = madd(q, s, v128.load(TANH, 176));
  q = madd(q, s, v128.load(TANH, 192));
  return f32x4.div(f32x4.mul(a, p), q);
}

/**
 * ln x = e·ln 2 + ln m,  x = 2^e·m,  m in [√½, √2)
 * Range   0 gives −Infinity, Infinity itself, x < 0 NaN
 * Error   ≤ 8.5e-8 for every x > 0, subnormal ones too
 * Source  polynomial of Cephes logf (Moshier)
 */
export function log(x: v128): v128 {
  // Subnormal numbers have no leading one: multiply them by 2^23 first.
  const subnormal = f32x4.lt(x, v128.load(LOG, 0));
  const a = v128.bitselect(f32x4.mul(x, v128.load(LOG, 16)), x, subnormal);
  // Subtracting √½ as an integer makes the exponent step at √½ rather than at 1.
  const offset = i32x4.sub(a, v128.load(LOG, 32));
  const exponent = i32x4.add(i32x4.shr_s(offset, 23), v128.and(subnormal, i32x4.splat(-23)));
  const e = f32x4.convert_i32x4_s(exponent);
  const mantissa = i32x4.add(v128.and(offset, i32x4.splat(0x007fffff)), v128.load(LOG, 32));
  const r = f32x4.sub(mantissa, v128.load(ONE));
  let p = madd(v128.load(LOG, 48), r, v128.load(LOG, 64));
  p = madd(p, r, v128.load(LOG, 80));
  p = madd(p, r, v128.load(LOG, 96));
  p = madd(p, r, v128.load(LOG, 112));
  p = madd(p, r, v128.load(LOG, 128));
  p = madd(p, r, v128.load(LOG, 144));
  p = madd(p, r, v128.load(LOG, 160));
  p = madd(p, r, v128.load(LOG, 176));
  const s = f32x4.mul(r, r);
  // ln m = r − r²/2 + r³·p; e·ln 2 in two parts; the smallest terms first
  let small = madd(e, v128.load(LOG, 192), f32x4.mul(f32x4.mul(p, r), s));
  small = madd(s, v128.load(LOG, 208), small);
  const ordinary = madd(e, v128.load(LOG, 224), f32x4.add(r, small));
  // √x − 1/|√x| is −Infinity at ±0, Infinity at Infinity, NaN elsewhere outside the ordinary range.
  const root = f32x4.sqrt(x);
  const edge = f32x4.sub(root, f32x4.div(v128.load(ONE), f32x4.abs(root)));
  const isOrdinary = v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.lt(x, f32x4.splat(Infinity)));
  return v128.bitselect(ordinary, edge, isOrdinary);
}

/**
 * Φ(x) = ½·(1 + erf(x/√2)), the share of a normal distribution below x, given e = exp(−x²/2).
 * Error   ≤ 2e-7 absolute
 * Source  Abramowitz & Stegun 1964, 7.1.26
 */
export function normalCdf(x: v128, e: v128): v128 {
  const one = v128.load(ONE);
  const t = f32x4.div(one, madd(f32x4.abs(x), v128.load(NORMAL, 0), one));
  let p = madd(v128.load(NORMAL, 16), t, v128.load(NORMAL, 32));
  p = madd(p, t, v128.load(NORMAL, 48));
  p = madd(p, t, v128.load(NORMAL, 64));
  p = madd(p, t, v128.load(NORMAL, 80));
  const tail = f32x4.mul(f32x4.mul(p, t), e);
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}

/** x^n by repeated squaring, n ≥ 0. */
export function power(x: f64, n: i32): f64 {
  let result: f64 = 1;
  for (let square = x; n > 0; n >>= 1, square *= square) if (n & 1) result *= square;
  return result;
}

/** One element: lane 0 of `log`. */
export function logScalar(x: f32): f32 {
  return f32x4.extract_lane(log(f32x4.splat(x)), 0);
}

const ONE: usize = memory.data<f32>([
  1.0, 1.0, 1.0, 1.0,
], 16);

const EXP: usize = memory.data<f32>([
  -88.0, -88.0, -88.0, -88.0, //   0 clamp below: n = −127, 2^n written as 0
  89.0, 89.0, 89.0, 89.0, //  16 clamp above: n = 128, 2^n written as Infinity
  1.44269504, 1.44269504, 1.44269504, 1.44269504, //  32 1/ln 2
  12583039.0, 12583039.0, 12583039.0, 12583039.0, //  48 1.5·2^23 + 127
  -0.693359375, -0.693359375, -0.693359375, -0.693359375, //  64 −ln 2, high part: 355/512, so n times it is exact
  0.00021219444, 0.00021219444, 0.00021219444, 0.00021219444, //  80 −ln 2, low part
  0.00019875691, 0.00019875691, 0.00019875691, 0.00019875691, //  96 polynomial, highest power first
  0.0013981999, 0.0013981999, 0.0013981999, 0.0013981999, // 112
  0.008333452, 0.008333452, 0.008333452, 0.008333452, // 128
  0.041665796, 0.041665796, 0.041665796, 0.041665796, // 144
  0.16666665, 0.16666665, 0.16666665, 0.16666665, // 160
  0.5, 0.5, 0.5, 0.5, // 176
  -89.0, -89.0, -89.0, -89.0, // 192 for e^−x: clamp below
  88.0, 88.0, 88.0, 88.0, // 208 clamp above
  -1.44269504, -1.44269504, -1.44269504, -1.44269504, // 224 −1/ln 2
], 16);

const TANH: usize = memory.data<f32>([
  -7.9053111, -7.9053111, -7.9053111, -7.9053111, //   0 clamp
  7.9053111, 7.9053111, 7.9053111, 7.9053111, // 16
  -2.76076847742355e-16, -2.76076847742355e-16, -2.76076847742355e-16, -2.76076847742355e-16, //  32 P
  2.00018790482477e-13, 2.00018790482477e-13, 2.00018790482477e-13, 2.00018790482477e-13, // 48
  -8.60467152213735e-11, -8.60467152213735e-11, -8.60467152213735e-11, -8.60467152213735e-11, // 64
  5.12229709037114e-8, 5.12229709037114e-8, 5.12229709037114e-8, 5.12229709037114e-8, // 80
  1.48572235717979e-5, 1.48572235717979e-5, 1.48572235717979e-5, 1.48572235717979e-5, // 96
  6.37261928875436e-4, 6.37261928875436e-4, 6.37261928875436e-4, 6.37261928875436e-4, // 112
  4.89352455891786e-3, 4.89352455891786e-3, 4.89352455891786e-3, 4.89352455891786e-3, // 128
  1.19825839466702e-6, 1.19825839466702e-6, 1.19825839466702e-6, 1.19825839466702e-6, // 144 Q
  1.18534705686654e-4, 1.18534705686654e-4, 1.18534705686654e-4, 1.18534705686654e-4, // 160
  2.26843463243900e-3, 2.26843463243900e-3, 2.26843463243900e-3, 2.26843463243900e-3, // 176
  4.89352518554385e-3, 4.89352518554385e-3, 4.89352518554385e-3, 4.89352518554385e-3, // 192
], 16);

const NORMAL: usize = memory.data<f32>([
  0.23164189, 0.23164189, 0.23164189, 0.23164189, //   0 0.3275911/√2
  0.5307027145, 0.5307027145, 0.5307027145, 0.5307027145, //  16 halves of the coefficients, highest power first
  -0.7265760135, -0.7265760135, -0.7265760135, -0.7265760135, //  32
  0.7107068705, 0.7107068705, 0.7107068705, 0.7107068705, //  48
  -0.142248368, -0.142248368, -0.142248368, -0.142248368, //  64
  0.127414796, 0.127414796, 0.127414796, 0.127414796, //  80
], 16);

const LOG: usize = memory.data<f32>([
  1.1754944e-38, 1.1754944e-38, 1.1754944e-38, 1.1754944e-38, //   0 smallest normal number
  8388608.0, 8388608.0, 8388608.0, 8388608.0, //  16 2^23
  0.70710678, 0.70710678, 0.70710678, 0.70710678, //  32 √½
  0.070376836, 0.070376836, 0.070376836, 0.070376836, //  48 polynomial, highest power first
  -0.1151461, -0.1151461, -0.1151461, -0.1151461, // 64
  0.116769984, 0.116769984, 0.116769984, 0.116769984, // 80
  -0.12420141, -0.12420141, -0.12420141, -0.12420141, // 96
  0.14249323, 0.14249323, 0.14249323, 0.14249323, // 112
  -0.16668057, -0.16668057, -0.16668057, -0.16668057, // 128
  0.20000714, 0.20000714, 0.20000714, 0.20000714, // 144
  -0.24999994, -0.24999994, -0.24999994, -0.24999994, // 160
  0.33333331, 0.33333331, 0.33333331, 0.33333331, // 176
  -0.00021219444, -0.00021219444, -0.00021219444, -0.00021219444, // 192 ln 2, low part
  -0.5, -0.5, -0.5, -0.5, // 208
  0.693359375, 0.693359375, 0.693359375, 0.693359375, // 224 ln 2, high part
], 16);
