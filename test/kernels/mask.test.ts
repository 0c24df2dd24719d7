import { expect, test } from 'vitest';
import { randomBits, unit } from '../reference/random.ts';
import { Arena, sizes } from '../support/arena.ts';

test.each(sizes)('%i blocks of eight: one number or the other, by the generator', (blocks) => {
  const arena = new Arena();
  const count = 8 * blocks;
  const mask = arena.putFloats(count);
  arena.kernels.drawMask(mask, count, 0.3, 0, 1.5, 7, 2, 5);
  const bits = randomBits(7, 2, 5);
  const expected = Array.from({ length: count }, () =>
    unit(bits.next().value) < Math.fround(0.3) ? 0 : 1.5,
  );
  expect([...arena.takeFloats(mask, count)]).toEqual(expected);
  arena.check();
});

test.each([0.1, 0.5, 0.9])('rate %f hits that share', (rate) => {
  const arena = new Arena();
  const mask = arena.putFloats(80_000);
  arena.kernels.drawMask(mask, 80_000, rate, 1, 0, 1, 0, 0);
  const hits = arena.takeFloats(mask, 80_000).reduce((sum, value) => sum + value, 0);
  expect(Math.abs(hits - 80_000 * rate)).toBeLessThan(4 * Math.sqrt(80_000 * rate * (1 - rate)));
});
