import { expect, test } from 'vitest';
import { Arena, isRelaxed } from '../support/arena.ts';

const { kernels } = new Arena(1);

test('plain SIMD rounds product and sum, relaxed SIMD once', () => {
  expect(kernels.fusesMultiplyAdd()).toBe(isRelaxed ? 1 : 0);
});

test('dot products are exact', () => {
  expect(kernels.dotsExactly()).toBe(1);
});
