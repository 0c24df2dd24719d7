import { expect, test } from 'vitest';
import { differenceError } from '../gradients/difference.ts';
import { embeddingBackward, embeddingForward } from '../reference/embedding.ts';
import { Arena, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { drawMatrix } from '../support/packed.ts';

const tolerance = 2e-7; // measured 1.0e-7

const V = 11;
const bags = [[3], [], [0, 10], [3, 3, 7], [10], [1, 2, 4, 5, 6, 8, 9]];
const U = bags.length;
const bagStart = [0, ...bags.map((_, u) => bags.slice(0, u + 1).flat().length)];

test.each(sizes)('E = %i: forward and backward are the formula', (E) => {
  const arena = new Arena();
  const numbers = testNumbers(E);
  const table = drawMatrix(numbers, V, E);
  const dX = drawMatrix(numbers, U, E);
  const before = drawMatrix(numbers, V, E);
  const [starts, ids] = [arena.putInts(bagStart), arena.putInts(bags.flat())];

  const x = arena.putMatrix(U, E);
  arena.kernels.embeddingForward(x, arena.putFloats(table.flat()), starts, ids, U, E);
  const values = arena.takeMatrix(x, U, E);
  expect(relativeError(values, embeddingForward(table, bags).flat())).toBeLessThan(tolerance);
  expect([...values.subarray(0, E)]).toEqual(table[3]);

  const shown = [...new Set(bags.flat())].sort((a, b) => a - b);
  const slots = arena.putInts(Array.from({ length: V }, (_, id) => shown.indexOf(id)));
  const dTable = arena.putFloats(shown.flatMap((id) => before[id]));
  arena.kernels.embeddingBackward(dTable, arena.putMatrix(U, E, dX.flat()), slots, starts, ids, U, E);
  const gradient = embeddingBackward(dX, bags, V);
  const expected = shown.flatMap((id) => before[id].map((value, j) => value + gradient[id][j]));
  expect(relativeError(arena.takeFloats(dTable, expected.length), expected)).toBeLessThan(tolerance);
  arena.check();
});

test('backward is the derivative', () => {
  const numbers = testNumbers(1);
  const table = drawMatrix(numbers, V, 3);
  const dX = drawMatrix(numbers, U, 3);
  const loss = () =>
    embeddingForward(table, bags).reduce(
      (sum, row, u) => sum + row.reduce((s, v, j) => s + v * dX[u][j], 0),
      0,
    );
  expect(differenceError(table, embeddingBackward(dX, bags, V), loss)).toBeLessThan(1e-10);
});
