import { expect, test } from 'vitest';
import { randomBits, unit } from '../reference/random.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';

const tolerance = 2e-7; // measured 6.9e-8

const draw = [0.4, 7, 2, 5] as const;
const factors = (count: number) => {
  const bits = randomBits(7, 2, 5);
  return Array.from({ length: count }, () => (unit(bits.next().value) >= Math.fround(0.4) ? 1 / 0.6 : 0));
};

test.each(sizes)('%i weights: zero or w/(1 − rate), by the generator, backward by the same', (count) => {
  const arena = new Arena();
  const numbers = testNumbers(count);
  const weight = [...numbers.floats(count)];
  const [dropped, dDropped] = [arena.putFloats(count), arena.putFloats(count)];
  arena.kernels.weightDropForward(dropped, dDropped, arena.putFloats(weight), count, ...draw);
  const factor = factors(count);
  const expected = weight.map((w, k) => w * factor[k]);
  expect(relativeError(arena.takeFloats(dropped, count), expected)).toBeLessThan(tolerance);
  expect([...arena.takeFloats(dDropped, count)]).toEqual(new Array(count).fill(0));

  const gradient = [...numbers.floats(count)];
  const there = [...numbers.floats(count)];
  const dWeight = arena.putFloats(there);
  arena.kernels.weightDropBackward(dWeight, arena.putFloats(gradient), count, ...draw);
  const sum = there.map((d, k) => d + gradient[k] * factor[k]);
  expect(relativeError(arena.takeFloats(dWeight, count), sum)).toBeLessThan(tolerance);
  arena.check();
});
