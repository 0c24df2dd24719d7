/** xoshiro128++ 1.0 (Blackman & Vigna 2021), one lane, and the seeding of the four lanes. */

const rotl = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;

/** The numbers after the given state of four words. */
export function* xoshiro([s0, s1, s2, s3]: number[]): Generator<number, never> {
  for (;;) {
    yield (rotl((s0 + s3) >>> 0, 7) + s0) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotl(s3, 11);
  }
}

/** MurmurHash3's finaliser. */
const mix = (h: number): number => {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** Random 32-bit numbers of (seed, stream, step): the four lanes in turn. */
export function* randomBits(seed: number, stream: number, step: number): Generator<number, never> {
  const lanes = [0, 1, 2, 3].map((lane) => {
    const places = [0, 1, 2, 3].map((word) => 4 * word + lane + 1);
    return xoshiro(
      places.map((place) =>
        mix((mix((mix((mix(Math.imul(place, 0x9e3779b9)) + seed) | 0) + stream) | 0) + step) | 0),
      ),
    );
  });
  for (;;) for (const lane of lanes) yield lane.next().value;
}

/** Uniform in [0,1): the highest 24 of 32 bits. */
export const unit = (bits: number): number => (bits >>> 8) / 2 ** 24;
