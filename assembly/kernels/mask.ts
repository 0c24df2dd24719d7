// Masks of random numbers that a recurrent cell reads: they are data, so that each use of one sees the same.

import { nextA, nextB, nextC, nextD, randomBits, seedWord, uniform } from '../random';

/**
 * Each number is `hit` with probability `rate`, else `miss`: 0 and 1/(1 − rate) drop, 1 and 0 zone out.
 * Writes  mask [count]      count is a multiple of 8
 */
export function drawMask(mask: usize, count: i32, rate: f32, hit: f32, miss: f32, seed: u32, stream: u32, step: u32): void {
  const threshold = f32x4.splat(rate);
  let a = seedWord(seed, stream, step, 0);
  let b = seedWord(seed, stream, step, 1);
  let c = seedWord(seed, stream, step, 2);
  let d = seedWord(seed, stream, step, 3);
  for (const end = mask + (<usize>count << 2); mask < end; mask += 16) {
    const isHit = f32x4.lt(uniform(randomBits(a, d)), threshold);
    v128.store(mask, v128.bitselect(f32x4.splat(hit), f32x4.splat(miss), isHit));
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}
