import { madd } from '../simd';

/** Whether this engine rounds a·b + c once: 1 or 0. (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴, which a rounded product loses. */
export function fusesMultiplyAdd(): i32 {
  const a = f32x4.splat(1.000244140625);
  const c = f32x4.splat(-1.00048828125);
  return i32(f32x4.extract_lane(madd(a, a, c), 0) != 0);
}
