// Loops over rows that are whole: so many bytes, a multiple of 16. Any result may lie over any argument.

import { exp, sigmoid, tanh } from './math';
import { madd } from './simd';

/** y = e^{x − origin} */
export function exps(y: usize, x: usize, origin: f32, bytes: usize): void {
  const offset = f32x4.splat(origin);
  for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, exp(f32x4.sub(v128.load(x + k), offset)));
}

/** y = σ(x) */
export function sigmoids(y: usize, x: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, sigmoid(v128.load(x + k)));
}

/** y = tanh x */
export function tanhs(y: usize, x: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, tanh(v128.load(x + k)));
}

/** y = a∘b */
export function multiply(y: usize, a: usize, b: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, f32x4.mul(v128.load(a + k), v128.load(b + k)));
}

/** y += a∘b */
export function addProduct(y: usize, a: usize, b: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    v128.store(y + k, madd(v128.load(a + k), v128.load(b + k), v128.load(y + k)));
  }
}

/** y += x */
export function add(y: usize, x: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, f32x4.add(v128.load(y + k), v128.load(x + k)));
}
