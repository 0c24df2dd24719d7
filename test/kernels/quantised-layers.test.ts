// Layers with int8 weights, against the twins over what those weights stand for.
import { expect, test } from 'vitest';
import { embeddingForward } from '../reference/embedding.ts';
import { mostOf, quantisedProduct } from '../reference/quantise.ts';
import { Arena, isRelaxed, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';
import { putQuantised } from '../support/quantised.ts';

// Of the largest element. Measured: 9.8e-8.
const EMBEDDING_TOLERANCE = 5e-7;

test.each(sizes)('embedding of bags of int8 rows, size %i', (E) => {
  const arena = new Arena();
  const table = putQuantised(arena, testNumbers(E), 6, E);
  const bags = [[3], [], [0, 5, 5], [1, 2]];
  const starts = arena.putInts([0, 1, 1, 4, 6]);
  const x = arena.putMatrix(4, E);
  const ids = arena.putInts(bags.flat());
  arena.kernels.embeddingForwardQuantised(x, ...table.pointers, starts, ids, 4, E);
  const expected = embeddingForward(table.weight, bags).flat();
  expect(relativeError(arena.takeMatrix(x, 4, E), expected)).toBeLessThan(EMBEDDING_TOLERANCE);
  arena.check();
});

test.each(sizes.flatMap((I) => [1, 3, 8, 17].map((O) => [I, O])))('dense, %i to %i, bit for bit', (I, O) => {
  const arena = new Arena();
  const { kernels } = arena;
  const numbers = testNumbers(100 * I + O);
  const weights = putQuantised(arena, numbers, O, I);
  const x = drawMatrix(numbers, 7, I);
  const bias = [...numbers.floats(O)];
  const panels = arena.putBytes((stride(O) / 8) * kernels.quantisedPanelBytes(I));
  const scratch = arena.putFloats(kernels.matmulQuantisedScratch(I));
  const y = arena.putMatrix(7, O);
  const xPtr = arena.putMatrix(7, I, x.flat());
  kernels.packQuantised(panels, ...weights.pointers, O, I);
  kernels.denseForwardQuantised(y, xPtr, panels, arena.putFloats(bias), scratch, 7, I, O);
  const products = quantisedProduct(x, weights.q, weights.scales, mostOf(isRelaxed));
  const expected = products.flatMap((row) => row.map((value, o) => Math.fround(value + bias[o])));
  expect([...arena.takeMatrix(y, 7, O)]).toEqual(expected);
  arena.check();
});
