import { expect, test } from 'vitest';
import { Arena, sizes, testNumbers } from '../support/arena.ts';

test.each(sizes)('%i blocks of eight: sums as f32 rounds them, gradients to both', (blocks) => {
  const count = 8 * blocks;
  const arena = new Arena();
  const { kernels } = arena;
  const numbers = testNumbers(blocks);
  const [x, f, dY] = [numbers.floats(count), numbers.floats(count), numbers.floats(count)];
  const y = arena.putFloats(count);
  kernels.residualForward(y, arena.putFloats(x), arena.putFloats(f), count);
  expect(arena.takeFloats(y, count)).toEqual(x.map((value, k) => value + f[k]));

  const dF = arena.putFloats(count);
  const dOut = arena.putFloats(dY);
  kernels.residualEnter(dF, dOut, count);
  expect(arena.takeFloats(dF, count)).toEqual(dY);
  const dX = arena.putFloats(x);
  kernels.residualBackward(dX, dOut, count);
  expect(arena.takeFloats(dX, count)).toEqual(x.map((value, k) => value + dY[k]));
  arena.check();
});
