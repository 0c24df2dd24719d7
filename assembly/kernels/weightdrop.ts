/**
 * DropConnect of a weight matrix: each weight is zero with probability `rate`, else w/(1 − rate). The mask is a
 * function of (seed, stream, step) and is not stored.
 * Source  Wan et al. 2013; on recurrent weights Merity et al. 2018
 */
import { nextA, nextB, nextC, nextD, seedWord, uniform } from '../random';

/**
 * Writes  dropped [count] · dDropped [count], zeros: backward passes add to it
 * Reads   weight [count]      any count
 * Error   ≤ 1.2e-7 per element
 */
export function weightDropForward(dropped: usize, dDropped: usize, weight: usize, count: i32, rate: f32, seed: u32, stream: u32, step: u32): void {
  memory.fill(dropped, 0, <usize>count << 2);
  memory.fill(dDropped, 0, <usize>count << 2);
  addMasked(dropped, weight, count, rate, seed, stream, step);
}

/** dWeight [count] += mask∘dDropped [count]/(1 − rate). */
export function weightDropBackward(dWeight: usize, dDropped: usize, count: i32, rate: f32, seed: u32, stream: u32, step: u32): void {
  addMasked(dWeight, dDropped, count, rate, seed, stream, step);
}

/** y += mask∘x/(1 − rate) */
function addMasked(y: usize, x: usize, count: i32, rate: f32, seed: u32, stream: u32, step: u32): void {
  const threshold = f32x4.splat(rate);
  const scale = f32x4.splat(<f32>1 / (<f32>1 - rate));
  let a = seedWord(seed, stream, step, 0);
  let b = seedWord(seed, stream, step, 1);
  let c = seedWord(seed, stream, step, 2);
  let d = seedWord(seed, stream, step, 3);
  const end = <usize>count << 2;
  for (let k: usize = 0; k < end; k += 16) {
    const factor = v128.and(scale, f32x4.ge(uniform(a, d), threshold));
    if (k + 16 <= end) {
      v128.store(y + k, f32x4.add(v128.load(y + k), f32x4.mul(v128.load(x + k), factor)));
    } else {
      let rest = factor;
      for (let q = k; q < end; q += 4) {
        store<f32>(y + q, load<f32>(y + q) + load<f32>(x + q) * f32x4.extract_lane(rest, 0));
        rest = v128.shuffle<i32>(rest, rest, 1, 2, 3, 0);
      }
    }
    const nextOfA = nextA(a, b, d);
    const nextOfB = nextB(a, b, c);
    c = nextC(a, b, c);
    d = nextD(b, d);
    a = nextOfA;
    b = nextOfB;
  }
}
