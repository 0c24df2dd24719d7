// @ts-nocheck: AssemblyScript, compiled by bench/main.mjs. What only a benchmark calls.
import { exp, log, sigmoid, tanh } from '../assembly/math';

/** Multiplications and additions of a round of multiplyAdd. */
export function flopOfRound(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 384 : 224;
}

/** As many multiplications and additions as the engine can issue. */
export function multiplyAdd(rounds: i32, factor: f32, term: f32): f32 {
  return ASC_FEATURE_RELAXED_SIMD ? inOneRounding(rounds, factor, term) : byTurns(rounds, factor, term);
}

/** Twelve chains and two factors, fourteen of the engine's fifteen registers. */
function inOneRounding(rounds: i32, factor: f32, term: f32): f32 {
  const a = f32x4.splat(factor);
  const b = f32x4.splat(term);
  let s0 = b;
  let s1 = b;
  let s2 = b;
  let s3 = b;
  let s4 = b;
  let s5 = b;
  let s6 = b;
  let s7 = b;
  let s8 = b;
  let s9 = b;
  let s10 = b;
  let s11 = b;
  // biome-ignore format: the same twelve terms four times, so that the loop itself weighs nothing
  for (let round = 0; round < rounds; round++) {
    s0 = f32x4.relaxed_madd(a, b, s0); s1 = f32x4.relaxed_madd(a, b, s1); s2 = f32x4.relaxed_madd(a, b, s2);
    s3 = f32x4.relaxed_madd(a, b, s3); s4 = f32x4.relaxed_madd(a, b, s4); s5 = f32x4.relaxed_madd(a, b, s5);
    s6 = f32x4.relaxed_madd(a, b, s6); s7 = f32x4.relaxed_madd(a, b, s7); s8 = f32x4.relaxed_madd(a, b, s8);
    s9 = f32x4.relaxed_madd(a, b, s9); s10 = f32x4.relaxed_madd(a, b, s10); s11 = f32x4.relaxed_madd(a, b, s11);

    s0 = f32x4.relaxed_madd(a, b, s0); s1 = f32x4.relaxed_madd(a, b, s1); s2 = f32x4.relaxed_madd(a, b, s2);
    s3 = f32x4.relaxed_madd(a, b, s3); s4 = f32x4.relaxed_madd(a, b, s4); s5 = f32x4.relaxed_madd(a, b, s5);
    s6 = f32x4.relaxed_madd(a, b, s6); s7 = f32x4.relaxed_madd(a, b, s7); s8 = f32x4.relaxed_madd(a, b, s8);
    s9 = f32x4.relaxed_madd(a, b, s9); s10 = f32x4.relaxed_madd(a, b, s10); s11 = f32x4.relaxed_madd(a, b, s11);

    s0 = f32x4.relaxed_madd(a, b, s0); s1 = f32x4.relaxed_madd(a, b, s1); s2 = f32x4.relaxed_madd(a, b, s2);
    s3 = f32x4.relaxed_madd(a, b, s3); s4 = f32x4.relaxed_madd(a, b, s4); s5 = f32x4.relaxed_madd(a, b, s5);
    s6 = f32x4.relaxed_madd(a, b, s6); s7 = f32x4.relaxed_madd(a, b, s7); s8 = f32x4.relaxed_madd(a, b, s8);
    s9 = f32x4.relaxed_madd(a, b, s9); s10 = f32x4.relaxed_madd(a, b, s10); s11 = f32x4.relaxed_madd(a, b, s11);

    s0 = f32x4.relaxed_madd(a, b, s0); s1 = f32x4.relaxed_madd(a, b, s1); s2 = f32x4.relaxed_madd(a, b, s2);
    s3 = f32x4.relaxed_madd(a, b, s3); s4 = f32x4.relaxed_madd(a, b, s4); s5 = f32x4.relaxed_madd(a, b, s5);
    s6 = f32x4.relaxed_madd(a, b, s6); s7 = f32x4.relaxed_madd(a, b, s7); s8 = f32x4.relaxed_madd(a, b, s8);
    s9 = f32x4.relaxed_madd(a, b, s9); s10 = f32x4.relaxed_madd(a, b, s10); s11 = f32x4.relaxed_madd(a, b, s11);
  }
  const sum = f32x4.add(
    f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)),
    f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)),
  );
  return f32x4.extract_lane(f32x4.add(sum, f32x4.add(f32x4.add(s8, s9), f32x4.add(s10, s11))), 0);
}

/**
 * One multiplication and one addition by turns: seven chains of either, fourteen of fifteen registers. Twelve chains of
 * both, each waiting for the two in turn, are up to 10 % slower on processors that start three a cycle: a matrix product
 * would exceed such a peak.
 */
function byTurns(rounds: i32, factor: f32, term: f32): f32 {
  const a = f32x4.splat(factor);
  const b = f32x4.splat(term);
  let p0 = a;
  let p1 = a;
  let p2 = a;
  let p3 = a;
  let p4 = a;
  let p5 = a;
  let p6 = a;
  let s0 = b;
  let s1 = b;
  let s2 = b;
  let s3 = b;
  let s4 = b;
  let s5 = b;
  let s6 = b;
  // biome-ignore format: the same seven lines four times, so that the loop itself weighs nothing
  for (let round = 0; round < rounds; round++) {
    p0 = f32x4.mul(p0, p0); s0 = f32x4.add(s0, s0);
    p1 = f32x4.mul(p1, p1); s1 = f32x4.add(s1, s1);
    p2 = f32x4.mul(p2, p2); s2 = f32x4.add(s2, s2);
    p3 = f32x4.mul(p3, p3); s3 = f32x4.add(s3, s3);
    p4 = f32x4.mul(p4, p4); s4 = f32x4.add(s4, s4);
    p5 = f32x4.mul(p5, p5); s5 = f32x4.add(s5, s5);
    p6 = f32x4.mul(p6, p6); s6 = f32x4.add(s6, s6);

    p0 = f32x4.mul(p0, p0); s0 = f32x4.add(s0, s0);
    p1 = f32x4.mul(p1, p1); s1 = f32x4.add(s1, s1);
    p2 = f32x4.mul(p2, p2); s2 = f32x4.add(s2, s2);
    p3 = f32x4.mul(p3, p3); s3 = f32x4.add(s3, s3);
    p4 = f32x4.mul(p4, p4); s4 = f32x4.add(s4, s4);
    p5 = f32x4.mul(p5, p5); s5 = f32x4.add(s5, s5);
    p6 = f32x4.mul(p6, p6); s6 = f32x4.add(s6, s6);

    p0 = f32x4.mul(p0, p0); s0 = f32x4.add(s0, s0);
    p1 = f32x4.mul(p1, p1); s1 = f32x4.add(s1, s1);
    p2 = f32x4.mul(p2, p2); s2 = f32x4.add(s2, s2);
    p3 = f32x4.mul(p3, p3); s3 = f32x4.add(s3, s3);
    p4 = f32x4.mul(p4, p4); s4 = f32x4.add(s4, s4);
    p5 = f32x4.mul(p5, p5); s5 = f32x4.add(s5, s5);
    p6 = f32x4.mul(p6, p6); s6 = f32x4.add(s6, s6);

    p0 = f32x4.mul(p0, p0); s0 = f32x4.add(s0, s0);
    p1 = f32x4.mul(p1, p1); s1 = f32x4.add(s1, s1);
    p2 = f32x4.mul(p2, p2); s2 = f32x4.add(s2, s2);
    p3 = f32x4.mul(p3, p3); s3 = f32x4.add(s3, s3);
    p4 = f32x4.mul(p4, p4); s4 = f32x4.add(s4, s4);
    p5 = f32x4.mul(p5, p5); s5 = f32x4.add(s5, s5);
    p6 = f32x4.mul(p6, p6); s6 = f32x4.add(s6, s6);
  }
  const products = f32x4.add(
    f32x4.add(f32x4.add(p0, p1), f32x4.add(p2, p3)),
    f32x4.add(f32x4.add(p4, p5), p6),
  );
  const sums = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(f32x4.add(s4, s5), s6));
  return f32x4.extract_lane(f32x4.add(products, sums), 0);
}

/** y = exp x; count is a multiple of 8, as in the three below. */
export function expAll(y: usize, x: usize, count: i32): void {
  for (let k: usize = 0, end = (<usize>count) << 2; k < end; k += 32) {
    v128.store(y + k, exp(v128.load(x + k)));
    v128.store(y + k, exp(v128.load(x + k, 16)), 16);
  }
}

/** y = sigmoid x */
export function sigmoidAll(y: usize, x: usize, count: i32): void {
  for (let k: usize = 0, end = (<usize>count) << 2; k < end; k += 32) {
    v128.store(y + k, sigmoid(v128.load(x + k)));
    v128.store(y + k, sigmoid(v128.load(x + k, 16)), 16);
  }
}

/** y = tanh x */
export function tanhAll(y: usize, x: usize, count: i32): void {
  for (let k: usize = 0, end = (<usize>count) << 2; k < end; k += 32) {
    v128.store(y + k, tanh(v128.load(x + k)));
    v128.store(y + k, tanh(v128.load(x + k, 16)), 16);
  }
}

/** y = ln x */
export function logAll(y: usize, x: usize, count: i32): void {
  for (let k: usize = 0, end = (<usize>count) << 2; k < end; k += 32) {
    v128.store(y + k, log(v128.load(x + k)));
    v128.store(y + k, log(v128.load(x + k, 16)), 16);
  }
}
