import { randomBits, unit } from './random.ts';

/** Normal numbers by the polar method, in float64: pairs of each four numbers. */
export function normalNumbers(count: number, deviation: number, seed: number, stream: number): number[] {
  const bits = randomBits(seed, stream, 0);
  const numbers: number[] = [];
  while (numbers.length < count) {
    const [u, v] = [0, 1].map(() => 2 * unit(bits.next().value) - 1);
    const s = u * u + v * v;
    if (s >= 1 || s === 0) continue;
    const factor = deviation * Math.sqrt((-2 * Math.log(s)) / s);
    numbers.push(u * factor, v * factor);
  }
  return numbers.slice(0, count);
}
