/**
 * Whether numbers are numbers: 0·x is 0 for all but NaN and the infinities, for which it is NaN.
 * Returns 1 when all are finite, 0 when one is not
 * Reads   x [n]      any n, any alignment
 * Cost    2·n flop. Unrolled because models are checked in code that the engine has not optimised yet: its first
 *         compiler keeps values in registers only from one branch to the next.
 */
export function allFinite(x: usize, n: i32): i32 {
  const zero = f32x4.splat(0);
  let a = zero, b = zero, c = zero, d = zero;
  const end = x + (<usize>n << 2);
  for (const whole = x + ((<usize>n & ~31) << 2); x < whole; x += 128) {
    a = f32x4.add(f32x4.add(a, f32x4.mul(v128.load(x), zero)), f32x4.mul(v128.load(x, 16), zero));
    b = f32x4.add(f32x4.add(b, f32x4.mul(v128.load(x, 32), zero)), f32x4.mul(v128.load(x, 48), zero));
    c = f32x4.add(f32x4.add(c, f32x4.mul(v128.load(x, 64), zero)), f32x4.mul(v128.load(x, 80), zero));
    d = f32x4.add(f32x4.add(d, f32x4.mul(v128.load(x, 96), zero)), f32x4.mul(v128.load(x, 112), zero));
  }
  for (; x < end; x += 4) a = f32x4.add(a, f32x4.mul(v128.load32_zero(x), zero));
  const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return i32x4.all_true(f32x4.eq(sum, sum));
}
