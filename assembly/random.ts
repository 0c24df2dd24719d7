// One seeded generator: four lanes of xoshiro128++, each a sequence of its own, the state a, b, c, d in four vectors
// of the caller. Equal (seed, stream, step) give equal numbers on every engine; a stream is a purpose (a layer's
// mask, a shuffle), a step a moment of training.
//   let a = seedWord(seed, stream, step, 0) … d = seedWord(seed, stream, step, 3)
//   use randomBits(a, d), then advance: a', b', c', d' = nextA(a, b, d), nextB(a, b, c), nextC(a, b, c), nextD(b, d)
// Source  Blackman & Vigna 2021 (xoshiro128++ 1.0)

@inline function rotl(x: v128, k: i32): v128 {
  return v128.or(i32x4.shl(x, k), i32x4.shr_u(x, 32 - k));
}

/** Finaliser of MurmurHash3 (Appleby): a bijection in which every bit of x moves every bit of the result. */
@inline function mix(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** Word 0..3 of the first state of the four lanes: a chain of hashes over (word and lane, seed, stream, step). */
export function seedWord(seed: u32, stream: u32, step: u32, word: i32): v128 {
  const place = i32x4.add(i32x4.splat(4 * word + 1), i32x4(0, 1, 2, 3));
  let x = mix(i32x4.mul(place, i32x4.splat(0x9e3779b9))); // 2^32/φ sets neighbouring places apart
  x = mix(i32x4.add(x, i32x4.splat(seed)));
  x = mix(i32x4.add(x, i32x4.splat(stream)));
  return mix(i32x4.add(x, i32x4.splat(step)));
}

/** Four numbers of 32 random bits. */
@inline export function randomBits(a: v128, d: v128): v128 {
  return i32x4.add(rotl(i32x4.add(a, d), 7), a);
}

@inline export function nextA(a: v128, b: v128, d: v128): v128 {
  return v128.xor(v128.xor(a, b), d);
}

@inline export function nextB(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c);
}

@inline export function nextC(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, c), i32x4.shl(b, 9));
}

@inline export function nextD(b: v128, d: v128): v128 {
  return rotl(v128.xor(b, d), 11);
}

/** Four numbers uniform in [0, 1), multiples of 2^−24. */
export function uniform(a: v128, d: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(randomBits(a, d), 8)), f32x4.splat(5.9604644775390625e-8));
}
