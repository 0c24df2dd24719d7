import { describe, expect, test } from 'vitest';
import { dropout } from '../../src/layers/dropout.ts';
import { randomBits, unit } from '../reference/random.ts';
import { Arena, sizes, stride, testNumbers } from '../support/arena.ts';
import { LayerRun } from '../support/layer-run.ts';
import { drawMatrix, stepsOf, unpackSequences } from '../support/packed.ts';

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

describe('dropout by text', () => {
  const lengths = [4, 2, 2, 1];
  const N = 9;

  test.each(sizes)('C = %i: every word of a text loses the same numbers', (C) => {
    const arena = new Arena();
    const layer = dropout({ rate: 0.3, per: 'text' });
    const x = drawMatrix(testNumbers(C), N, C);
    const dY = testNumbers(C + 1).floats(N * C);
    const run = new LayerRun(arena, { layer, mode: 'train', lengths, x, parameters: {} });
    run.forward().backward(dY);
    const mask = unpackSequences(run.take('mask', 'B', stride(C)), [lengths.length], stride(C))[0];
    const texts = stepsOf(lengths).flatMap((alive) => [...Array(alive).keys()]);
    const masked = (rows: ArrayLike<number>) =>
      texts.flatMap((b, n) => Array.from({ length: C }, (_, k) => Math.fround(rows[n * C + k] * mask[b][k])));
    expect([...run.y]).toEqual(masked(x.flat()));
    expect([...run.dX]).toEqual(masked(dY));
    for (const value of mask.flat()) expect([0, Math.fround(1 / 0.7)]).toContain(value);
    expect(run.kernels).toEqual(['drawMask', 'maskTexts']);
    arena.check();
  });

  test('predicting drops nothing', () => {
    const layer = dropout({ rate: 0.3, per: 'text' });
    const x = drawMatrix(testNumbers(1), N, 3);
    const run = new LayerRun(new Arena(), { layer, mode: 'predict', lengths, x, parameters: {} });
    expect([...run.forward().y]).toEqual(x.flat());
  });
});

test.each(sizes)('maskWholeRows, C = %i: a row times its number', (C) => {
  const arena = new Arena();
  const rows = drawMatrix(testNumbers(C), 5, C);
  const x = arena.putMatrix(5, C, rows.flat());
  const factors = [0, 1.25, 1.25, 0, 1.25];
  const mask = arena.putMatrix(5, 1, factors);
  arena.kernels.maskWholeRows(x, mask, 5, C);
  const expected = rows.flatMap((row, r) => row.map((value) => Math.fround(value * factors[r])));
  expect([...arena.takeMatrix(x, 5, C)]).toEqual(expected);
  arena.check();
});
