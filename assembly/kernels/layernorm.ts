/**
 * Layer normalisation: each row to mean 0 and variance 1 over its C features.
 *   x̂ = (x − μ)/√(σ² + ε)      y = γ·x̂ + β
 * Source  Ba, Kiros & Hinton 2016
 */
import { madd, stride, total } from '../simd';

/**
 * Writes  y [rows,C8] · moments [rows,8]: μ, 1/√(σ² + ε)
 * Reads   x [rows,C8] · gamma, beta [C]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function layerNormForward(
  y: usize, moments: usize, x: usize, gamma: usize, beta: usize, rows: i32, C: i32, epsilon: f32,
): void {
  const row = <usize>stride(C) << 2;
  const bytes = <usize>C << 2;
  const whole = bytes & ~15;
  const count = <f32>C;
  for (let r = 0; r < rows; r++, x += row, y += row, moments += 32) {
    let lanes = f32x4.splat(0);
    for (let k: usize = 0; k < row; k += 16) lanes = f32x4.add(lanes, v128.load(x + k)); // the padding is zero
    const mean = total(lanes) / count;
    const off = f32x4.splat(mean);
    lanes = f32x4.splat(0);
    for (let k: usize = 0; k < whole; k += 16) {
      const a = f32x4.sub(v128.load(x + k), off);
      lanes = madd(a, a, lanes);
    }
    let squares = total(lanes);
    for (let k = whole; k < bytes; k += 4) squares += (load<f32>(x + k) - mean) * (load<f32>(x + k) - mean);
    const inverse = <f32>1 / sqrt<f32>(squares / count + epsilon);
    const factor = f32x4.splat(inverse);
    for (let k: usize = 0; k < whole; k += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + k), off), factor);
      v128.store(y + k, madd(normal, v128.load(gamma + k), v128.load(beta + k)));
    }
    for (let k = whole; k < bytes; k += 4) {
      store<f32>(y + k, (load<f32>(x + k) - mean) * inverse * load<f32>(gamma + k) + load<f32>(beta + k));
    }
    memory.fill(y + bytes, 0, row - bytes);
    memory.fill(moments, 0, 32);
    store<f32>(moments, mean);
    store<f32>(moments, inverse, 4);
  }
}

/**
 *   g = γ·dY      dX = (g − mean g − x̂·mean(g·x̂))/√(σ² + ε)      dγ += Σ dY·x̂      dβ += Σ dY
 * Writes  dX [rows,C8]
 * Adds to dGamma, dBeta [C]
 * Reads   dY, x [rows,C8] · moments [rows,8] · gamma [C]
 * Error   ≤ 3e-7 of the largest element (measured)
 */
export function layerNormBackward(
  dX: usize, dGamma: usize, dBeta: usize, dY: usize, x: usize, moments: usize, gamma: usize, rows: i32, C: i32,
): void {
  const row = <usize>stride(C) << 2;
  const bytes = <usize>C << 2;
  const whole = bytes & ~15;
  const share = <f32>1 / <f32>C;
  for (let r = 0; r < rows; r++, x += row, dX += row, dY += row, moments += 32) {
    const mean = load<f32>(moments);
    const inverse = load<f32>(moments, 4);
    const off = f32x4.splat(mean);
    const factor = f32x4.splat(inverse);
    let sums = f32x4.splat(0);
    let products = f32x4.splat(0);
    for (let k: usize = 0; k < whole; k += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + k), off), factor);
      const dy = v128.load(dY + k);
      const g = f32x4.mul(dy, v128.load(gamma + k));
      sums = f32x4.add(sums, g);
      products = madd(g, normal, products);
      v128.store(dGamma + k, madd(dy, normal, v128.load(dGamma + k)));
      v128.store(dBeta + k, f32x4.add(dy, v128.load(dBeta + k)));
    }
    let sum = total(sums);
    let product = total(products);
    for (let k = whole; k < bytes; k += 4) {
      const normal = (load<f32>(x + k) - mean) * inverse;
      const dy = load<f32>(dY + k);
      sum += dy * load<f32>(gamma + k);
      product += dy * load<f32>(gamma + k) * normal;
      store<f32>(dGamma + k, load<f32>(dGamma + k) + dy * normal);
      store<f32>(dBeta + k, load<f32>(dBeta + k) + dy);
    }
    sum *= share;
    product *= share;
    const meanG = f32x4.splat(sum);
    const meanP = f32x4.splat(product);
    for (let k: usize = 0; k < whole; k += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + k), off), factor);
      const g = f32x4.mul(v128.load(dY + k), v128.load(gamma + k));
      v128.store(dX + k, f32x4.mul(f32x4.sub(g, madd(normal, meanP, meanG)), factor));
    }
    for (let k = whole; k < bytes; k += 4) {
      const normal = (load<f32>(x + k) - mean) * inverse;
      store<f32>(dX + k, (load<f32>(dY + k) * load<f32>(gamma + k) - (normal * product + sum)) * inverse);
    }
    memory.fill(dX + bytes, 0, row - bytes);
  }
}
