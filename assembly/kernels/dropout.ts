import { nextA, nextB, nextC, nextD, seedWord, uniform } from '../random';

/**
 * Inverted dropout: each element is zero with probability `rate`, else x/(1 − rate).
 * The mask is a function of (seed, stream, step) and is not stored: backward is this kernel on dY.
 * Writes  y [count], in place allowed      count is a multiple of 8
 * Reads   x [count]
 * Error   ≤ 1.2e-7 per element
 * Source  Srivastava et al. 2014
 */
export function dropout(y: usize, x: usize, count: i32, rate: f32, seed: u32, stream: u32, step: u32): void {
  const threshold = f32x4.splat(rate);
  const scale = f32x4.splat(<f32>1 / (<f32>1 - rate));
  let a = seedWord(seed, stream, step, 0);
  let b = seedWord(seed, stream, step, 1);
  let c = seedWord(seed, stream, step, 2);
  let d = seedWord(seed, stream, step, 3);
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 16) {
    const kept = f32x4.ge(uniform(a, d), threshold);
    v128.store(y + k, v128.and(f32x4.mul(v128.load(x + k), scale), kept));
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}
