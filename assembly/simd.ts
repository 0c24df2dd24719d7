// Lanes: what every stratum above needs of 128-bit SIMD and nothing more.

/** Floats a row of C activations occupies: C rounded up to a multiple of 8. */
@inline export function stride(C: i32): i32 {
  return (C + 7) & ~7;
}

/** a·b + c a lane; one rounding where the build has relaxed SIMD, two (equal on every engine) where it has not. */
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** y[n] += a·x[n]; any n, any alignment. */
export function addScaled(y: usize, x: usize, n: i32, a: f32): void {
  const factor = f32x4.splat(a);
  const wholeEnd = y + ((<usize>n & ~3) << 2);
  const end = y + (<usize>n << 2);
  while (y < wholeEnd) {
    v128.store(y, madd(v128.load(x), factor, v128.load(y)));
    y += 16;
    x += 16;
  }
  while (y < end) {
    v128.store_lane<f32>(y, madd(v128.load32_zero(x), factor, v128.load32_zero(y)), 0);
    y += 4;
    x += 4;
  }
}

/** y[n] = a·x[n], which may lie over x; any n, any alignment. */
export function setScaled(y: usize, x: usize, n: i32, a: f32): void {
  const factor = f32x4.splat(a);
  const wholeEnd = y + ((<usize>n & ~3) << 2);
  const end = y + (<usize>n << 2);
  while (y < wholeEnd) {
    v128.store(y, f32x4.mul(v128.load(x), factor));
    y += 16;
    x += 16;
  }
  while (y < end) {
    store<f32>(y, load<f32>(x) * a);
    y += 4;
    x += 4;
  }
}

/** y[n] += a·x[n], x in int8; any n, any alignment. */
export function addScaledI8(y: usize, x: usize, n: i32, a: f32): void {
  const factor = f32x4.splat(a);
  const wholeEnd = y + ((<usize>n & ~3) << 2);
  const end = y + (<usize>n << 2);
  while (y < wholeEnd) {
    const four = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(x)));
    v128.store(y, madd(f32x4.convert_i32x4_s(four), factor, v128.load(y)));
    y += 16;
    x += 4;
  }
  while (y < end) {
    const one = f32x4.splat(<f32>load<i8>(x));
    v128.store_lane<f32>(y, madd(one, factor, v128.load32_zero(y)), 0);
    y += 4;
    x++;
  }
}

/** n floats of x, then zeros up to `width` floats. */
export function copyRow(y: usize, x: usize, n: i32, width: i32): void {
  const bytes = <usize>n << 2;
  memory.copy(y, x, bytes);
  memory.fill(y + bytes, 0, (<usize>width << 2) - bytes);
}

/** The sum of four lanes. */
export function total(lanes: v128): f32 {
  return f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
}

/** a·b of n numbers, any n, any alignment. */
export function innerProduct(a: usize, b: usize, n: i32): f32 {
  let sums = f32x4.splat(0);
  const whole = a + (<usize>(n & ~3) << 2);
  const end = a + (<usize>n << 2);
  for (; a < whole; a += 16, b += 16) sums = madd(v128.load(a), v128.load(b), sums);
  let sum = total(sums);
  for (; a < end; a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/**
 * Rows of the next tile, where so many are left: a tile of fewer than four takes almost as long as one of four, for want of
 * sums that do not wait for each other, so two tiles share what one leaves too little of.
 */
@inline export function tileRows(left: i32, most: i32): i32 {
  return left <= most ? left : left < most + 4 ? min(most, (left + 1) >> 1) : most;
}
