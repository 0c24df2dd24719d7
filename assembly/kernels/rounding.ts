import { dot } from '../dot';
import { madd } from '../simd';

/** Whether this engine rounds a·b + c once: 1 or 0. (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴, which a rounded product loses. */
export function fusesMultiplyAdd(): i32 {
  const a = f32x4.splat(1.000244140625);
  const c = f32x4.splat(-1.00048828125);
  return i32(f32x4.extract_lane(madd(a, a, c), 0) != 0);
}

/** Whether this engine's dot product of bytes is the sum of its products: 1 or 0. V8 11's baseline compiler doubles it. */
export function dotsExactly(): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 1;
  const x = i8x16(0, 1, 2, 3, 127, 127, 127, 127, 127, 127, 127, 127, 64, 65, 66, 67);
  const w = i8x16(1, -2, 3, -4, 127, 127, 127, 127, -128, -128, -128, -128, 5, -6, 7, -8);
  const sums = dot(x, w, i32x4(1, 2, 3, 4));
  return i32(i32x4.all_true(i32x4.eq(sums, i32x4(-7, 64_518, -65_021, -140))));
}
