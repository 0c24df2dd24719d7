/**
 * Batch normalisation of a prediction is y = (x − μ)·f + s with fixed rows μ, f, s [C8] (batchNormPrepare's table): a
 * dense layer beside it can do the same.
 */
import { stride } from '../simd';

/**
 * Into the dense layer behind:  W·((x − μ)·f + s) + b = (W·f)·x + b + W·(s − μ·f)
 * Writes  weight [O,I] and bias [O] in place
 * Reads   table [3,I8]
 * Error   ≤ 1e-7 of the largest output (measured)
 */
export function foldBehind(weight: usize, bias: usize, table: usize, O: i32, I: i32): void {
  const row = <usize>stride(I) << 2;
  for (let o = 0; o < O; o++, bias += 4) {
    let sum: f64 = load<f32>(bias);
    for (let k: usize = 0, end = <usize>I << 2; k < end; k += 4, weight += 4) {
      const w = load<f32>(weight);
      const at = table + k;
      sum += <f64>w * (<f64>load<f32>(at + 2 * row) - <f64>load<f32>(at) * <f64>load<f32>(at + row));
      store<f32>(weight, w * load<f32>(at + row));
    }
    store<f32>(bias, <f32>sum);
  }
}

/**
 * Into the dense layer before:  (W·x + b − μ)·f + s = (f·W)·x + (b − μ)·f + s
 * Writes  weight [O,I] and bias [O] in place
 * Reads   table [3,O8]
 * Error   ≤ 1e-7 of the largest output (measured)
 */
export function foldBefore(weight: usize, bias: usize, table: usize, O: i32, I: i32): void {
  const row = <usize>stride(O) << 2;
  for (let o = 0; o < O; o++, bias += 4, table += 4) {
    const factor = load<f32>(table + row);
    const moved: f64 = (<f64>load<f32>(bias) - <f64>load<f32>(table)) * <f64>factor;
    store<f32>(bias, <f32>(moved + <f64>load<f32>(table + 2 * row)));
    for (let i = 0; i < I; i++, weight += 4) store<f32>(weight, load<f32>(weight) * factor);
  }
}
