// exp of math.ts as a function that is called, and what is made of it for one element. Written out where it stands it is
// faster, and weighs as much as a small kernel: that is for the few loops in which it counts.

import * as inline from './math';

export function exp(x: v128): v128 {
  return inline.exp(x);
}

/** One element: lane 0 of `exp`. */
export function expScalar(x: f32): f32 {
  return f32x4.extract_lane(exp(f32x4.splat(x)), 0);
}

/** One element of `sigmoid`, to the bit. */
export function sigmoidScalar(x: f32): f32 {
  return <f32>1 / (<f32>1 + expScalar(-x));
}

/**
 * ln(1 + e^−|x|), the part of softplus and of the logistic loss that never overflows.
 * Error   ≤ 2.6e-7 for |x| ≤ 87.3
 * Source  ln(1+e) = ln(u)·e/(u − 1) with u = 1 + e rounded: Kahan (HP-15C handbook, 1982)
 */
export function logOnePlusExpScalar(x: f32): f32 {
  const e = expScalar(-abs(x));
  const u = <f32>1 + e;
  return u == 1 ? e : inline.logScalar(u) * (e / (u - 1));
}
