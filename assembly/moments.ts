// Loops that optimisers share, over n numbers, any n, any alignment.

import { put, take } from './rows';
import { madd } from './simd';

/** y += share·(x − y) */
export function approach(y: usize, x: usize, n: i32, share: f32): void {
  const step = f32x4.splat(share);
  for (let k: usize = 0, end = <usize>n << 2; k < end; k += 16) {
    const left = end - k;
    const old = four(y + k, left);
    putFour(y + k, left, madd(f32x4.sub(four(x + k, left), old), step, old));
  }
}

/** y = a·y + b·x */
export function combine(y: usize, x: usize, n: i32, a: f32, b: f32): void {
  const ofY = f32x4.splat(a);
  const ofX = f32x4.splat(b);
  for (let k: usize = 0, end = <usize>n << 2; k < end; k += 16) {
    const left = end - k;
    put(y + k, left, madd(take(y + k, left), ofY, f32x4.mul(take(x + k, left), ofX)));
  }
}

/** v = decay·v + growth·g² */
export function combineSquares(v: usize, g: usize, n: i32, decay: f32, growth: f32): void {
  const ofV = f32x4.splat(decay);
  const ofSquare = f32x4.splat(growth);
  for (let k: usize = 0, end = <usize>n << 2; k < end; k += 16) {
    const left = end - k;
    const x = four(g + k, left);
    putFour(v + k, left, madd(f32x4.mul(x, x), ofSquare, f32x4.mul(four(v + k, left), ofV)));
  }
}

/** y = factor·x / (rootFactor·√v + epsilon) */
export function divideByRoot(y: usize, x: usize, v: usize, n: i32, factor: f32, rootFactor: f32, epsilon: f32): void {
  const ofX = f32x4.splat(factor);
  const ofRoot = f32x4.splat(rootFactor);
  const floor = f32x4.splat(epsilon);
  for (let k: usize = 0, end = <usize>n << 2; k < end; k += 16) {
    const left = end - k;
    const divisor = madd(f32x4.sqrt(four(v + k, left)), ofRoot, floor);
    putFour(y + k, left, f32x4.div(f32x4.mul(four(x + k, left), ofX), divisor));
  }
}

// take() and put(), called for the last numbers alone: these loops run over every parameter.

@inline function four(from: usize, leftBytes: usize): v128 {
  return leftBytes < 16 ? take(from, leftBytes) : v128.load(from);
}

@inline function putFour(to: usize, leftBytes: usize, x: v128): void {
  if (leftBytes < 16) put(to, leftBytes, x);
  else v128.store(to, x);
}
