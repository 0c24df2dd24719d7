import { expect, test } from 'vitest';
import { Arena } from '../support/arena.ts';

test('plain SIMD rounds product and sum, relaxed SIMD once', () => {
  const isRelaxed = process.env.GATELET_WASM?.includes('relaxed') ?? false;
  expect(new Arena().kernels.fusesMultiplyAdd()).toBe(isRelaxed ? 1 : 0);
});
