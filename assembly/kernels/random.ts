// Random numbers for the host: initial parameters, the order of rows, words to drop.

import { nextA, nextB, nextC, nextD, randomBits, seedWord, uniform } from '../random';

/**
 * Uniform numbers: low + u·(high − low), u in [0,1).
 * Writes  dst [n]
 */
export function fillUniform(dst: usize, n: i32, low: f32, high: f32, seed: u32, stream: u32): void {
  const end = dst + (<usize>n << 2);
  let a = seedWord(seed, stream, 0, 0);
  let b = seedWord(seed, stream, 0, 1);
  let c = seedWord(seed, stream, 0, 2);
  let d = seedWord(seed, stream, 0, 3);
  while (dst < end) {
    const unit = uniform(a, d);
    let values = f32x4.add(f32x4.splat(low), f32x4.mul(unit, f32x4.splat(high - low)));
    for (let lane = 0; lane < 4 && dst < end; lane++) {
      v128.store_lane<f32>(dst, values, 0);
      values = v128.shuffle<f32>(values, values, 1, 2, 3, 0);
      dst += 4;
    }
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}

/**
 * 0 … n−1 in random order, every order equally likely.
 * Writes  dst [n] (Int32)
 * Source  Fisher & Yates, inside out (Knuth 3.4.2 P); a place in 0…i by rejection from the next power of two
 */
export function permutation(dst: usize, n: i32, seed: u32, stream: u32, step: u32): void {
  let a = seedWord(seed, stream, step, 0);
  let b = seedWord(seed, stream, step, 1);
  let c = seedWord(seed, stream, step, 2);
  let d = seedWord(seed, stream, step, 3);
  for (let i = 0; i < n; i++) {
    const mask = <u32>(((<u64>1) << (32 - clz<u32>(i))) - 1); // the power of two above i, minus 1
    let place: u32;
    do {
      place = i32x4.extract_lane(randomBits(a, d), 0) & mask;
      const nextOfA = nextA(a, b, d);
      const nextOfB = nextB(a, b, c);
      c = nextC(a, b, c);
      d = nextD(b, d);
      a = nextOfA;
      b = nextOfB;
    } while (place > <u32>i);
    const hole = dst + (<usize>place << 2);
    store<i32>(dst + (<usize>i << 2), load<i32>(hole));
    store<i32>(hole, i);
  }
}

/**
 * 1 with probability rate, else 0.
 * Writes  dst [n] (Uint8)
 */
export function bernoulliMask(dst: usize, n: i32, rate: f32, seed: u32, stream: u32, step: u32): void {
  const end = dst + <usize>n;
  const threshold = f32x4.splat(rate);
  let a = seedWord(seed, stream, step, 0);
  let b = seedWord(seed, stream, step, 1);
  let c = seedWord(seed, stream, step, 2);
  let d = seedWord(seed, stream, step, 3);
  while (dst < end) {
    let hits = f32x4.lt(uniform(a, d), threshold);
    for (let lane = 0; lane < 4 && dst < end; lane++) {
      store<u8>(dst++, i32x4.extract_lane(hits, 0) & 1);
      hits = v128.shuffle<i32>(hits, hits, 1, 2, 3, 0);
    }
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}
