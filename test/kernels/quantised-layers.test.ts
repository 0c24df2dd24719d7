// Layers with int8 weights, against the float64 twins over what those weights stand for: what is left is the
// rounding of activations to 16 bits.
import { describe, expect, test } from 'vitest';
import { denseForward } from '../reference/dense.ts';
import { embeddingForward } from '../reference/embedding.ts';
import { lstmForward } from '../reference/lstm.ts';
import { Arena, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { drawMatrix, packSequences, stepsOf } from '../support/packed.ts';
import { putQuantised } from '../support/quantised.ts';

// Of the largest element of each result. Measured: embedding 9.8e-8, dense 2.3e-5, LSTM 3.9e-5.
const TOLERANCE = { embedding: 5e-7, dense: 1e-4, lstm: 1e-4 };

test.each(sizes)('embedding of bags of int8 rows, size %i', (E) => {
  const arena = new Arena();
  const table = putQuantised(arena, testNumbers(E), 6, E);
  const bags = [[3], [], [0, 5, 5], [1, 2]];
  const starts = arena.putInts([0, 1, 1, 4, 6]);
  const x = arena.putMatrix(4, E);
  const ids = arena.putInts(bags.flat());
  arena.kernels.embeddingForwardQuantised(x, ...table.pointers, starts, ids, 4, E);
  const expected = embeddingForward(table.weight, bags).flat();
  expect(relativeError(arena.takeMatrix(x, 4, E), expected)).toBeLessThan(TOLERANCE.embedding);
  arena.check();
});

test.each(sizes.flatMap((I) => [1, 3, 8, 17].map((O) => [I, O])))('dense, %i to %i', (I, O) => {
  const arena = new Arena();
  const { kernels } = arena;
  const numbers = testNumbers(100 * I + O);
  const weights = putQuantised(arena, numbers, O, I);
  const x = drawMatrix(numbers, 7, I);
  const bias = [...numbers.floats(O)];
  const panels = arena.putBytes(stride(O) * (4 + stride(I)));
  const scratch = arena.putFloats(kernels.matmulQuantisedScratch(I));
  const y = arena.putMatrix(7, O);
  const xPtr = arena.putMatrix(7, I, x.flat());
  kernels.packQuantised(panels, ...weights.pointers, O, I);
  kernels.denseForwardQuantised(y, xPtr, panels, arena.putFloats(bias), scratch, 7, I, O);
  const expected = denseForward(x, weights.weight, bias).flat();
  expect(relativeError(arena.takeMatrix(y, 7, O), expected)).toBeLessThan(TOLERANCE.dense);
  arena.check();
});

describe.each([false, true])('LSTM, reverse %s', (reverse) => {
  test.each([
    [1, 1],
    [3, 5],
    [8, 8],
    [7, 17],
    [33, 16],
  ])('%i to %i', (D, H) => {
    const lengths = [6, 4, 4, 1];
    const arena = new Arena();
    const { kernels } = arena;
    const numbers = testNumbers(100 * D + H);
    const weightIH = putQuantised(arena, numbers, 4 * H, D);
    const weightHH = putQuantised(arena, numbers, 4 * H, H);
    const bias = [...numbers.floats(4 * H)];
    const x = lengths.map((length) => drawMatrix(numbers, length, D));
    const N = 15;
    const width = 4 * stride(H);
    const initial = lengths.map(() => ({ h: [...numbers.floats(H)], c: [...numbers.floats(H)] }));
    const [h0, c0] = (['h', 'c'] as const).map((name) =>
      arena.putMatrix(
        4,
        H,
        initial.flatMap((state) => state[name]),
      ),
    );
    const panelsIH = arena.putBytes(width * (4 + stride(D)));
    const panelsHH = arena.putBytes(width * (4 + stride(H)));
    const biasRow = arena.putFloats(width);
    const scratch = arena.putFloats(kernels.matmulQuantisedScratch(Math.max(D, H)));
    const projected = arena.putFloats(N * width);
    const [h, c, gates] = [arena.putMatrix(N, H), arena.putMatrix(N, H), arena.putFloats(N * width)];
    const weights = [...weightIH.pointers, ...weightHH.pointers] as const;
    kernels.lstmPackQuantised(panelsIH, panelsHH, biasRow, ...weights, arena.putFloats(bias), D, H);
    const xPtr = arena.putMatrix(N, D, packSequences(x));
    kernels.lstmProjectQuantised(projected, xPtr, panelsIH, scratch, N, D, H);
    const steps = arena.putInts(stepsOf(lengths));
    const sizes = [6, H, Number(reverse)] as const;
    const states = [h0, c0, panelsHH, scratch, biasRow] as const;
    kernels.lstmForwardQuantised(h, c, gates, projected, 0, steps, ...states, ...sizes);
    const parameters = { weightIH: weightIH.weight, weightHH: weightHH.weight, bias };
    const expected = lstmForward(x, initial, parameters, reverse);
    for (const [name, block] of [
      ['h', h],
      ['c', c],
    ] as const) {
      const twin = packSequences(expected.map((sequence) => sequence.map((step) => step[name])));
      expect(relativeError(arena.takeMatrix(block, N, H), twin)).toBeLessThan(TOLERANCE.lstm);
    }
    arena.check();
  });
});
