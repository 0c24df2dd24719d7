import { describe, expect, test } from 'vitest';
import {
  type LstmParameters,
  type LstmState,
  lstmForward,
  type Matrix,
  type Product,
} from '../reference/lstm.ts';
import { mostOf, quantisedProduct } from '../reference/quantise.ts';
import { Arena, isRelaxed, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { predictLstm } from '../support/lstm-predict.ts';
import { drawMatrix, packSequences, unpackSequences } from '../support/packed.ts';
import { putQuantised, type QuantisedWeights } from '../support/quantised.ts';

// Of the largest element of each result, against the float64 twin. Measured: 4.4e-7; with int8 weights 3.3e-7, but for a
// state that f32 rounds to the next whole number: 1.9e-5 where these are of 16 bits, and none here where they are of 7.
const TOLERANCE = { f32: 1e-6, i8: isRelaxed ? 1e-6 : 4e-5 };

const lengths = [4, 3, 3, 1, 1, 1];
const flags = [false, true];
const kinds = ['f32', 'i8'] as const;

interface Weights {
  parameters: LstmParameters;
  quantised?: { weightIH: QuantisedWeights; weightHH: QuantisedWeights };
}

/** Of int8 weights, told by what they stand for. */
function integerProduct(of: NonNullable<Weights['quantised']>): Product {
  return (matrix, x) => {
    const { q, scales } = matrix === of.weightIH.weight ? of.weightIH : of.weightHH;
    return quantisedProduct([x], q, scales, mostOf(isRelaxed))[0];
  };
}

/** The same weights for the same sizes. */
function drawWeights(arena: Arena, kind: (typeof kinds)[number], D: number, H: number): Weights {
  const numbers = testNumbers(100 * D + H);
  const bias = [...numbers.floats(4 * H)];
  if (kind === 'i8') {
    const weightIH = putQuantised(arena, numbers, 4 * H, D);
    const weightHH = putQuantised(arena, numbers, 4 * H, H);
    const parameters = { weightIH: weightIH.weight, weightHH: weightHH.weight, bias };
    return { parameters, quantised: { weightIH, weightHH } };
  }
  const [weightIH, weightHH] = [D, H].map((C) => drawMatrix(numbers, 4 * H, C, 0.5));
  return { parameters: { weightIH, weightHH, bias } };
}

const numbers = testNumbers(7);
const drawSequences = (of: number[], C: number): Matrix[] => of.map((T) => drawMatrix(numbers, T, C));
const drawStates = (B: number, H: number): LstmState[] =>
  Array.from({ length: B }, () => ({ h: [...numbers.floats(H)], c: [...numbers.floats(H, -2, 2)] }));
const zeroStates = (B: number, H: number): LstmState[] =>
  Array.from({ length: B }, () => ({ h: new Array(H).fill(0), c: new Array(H).fill(0) }));

interface Problem {
  kind: (typeof kinds)[number];
  H: number;
  x: Matrix[];
  reverse?: boolean;
  initial?: LstmState[] | undefined;
  /** Distinct rows [U,D], and which of them each step of each sequence shows; together they replace x. */
  distinct?: { rows: Matrix; ids: number[][] } | undefined;
}

/** What the kernels make of a problem, in a fresh arena whose canaries are checked, and the weights it was made with. */
function run({ kind, H, x, reverse, initial, distinct }: Problem) {
  const arena = new Arena();
  const weights = drawWeights(arena, kind, x[0][0].length, H);
  const result = predictLstm(arena, {
    ...weights,
    lengths: x.map(({ length }) => length),
    x: distinct ? distinct.rows.flat() : packSequences(x),
    index: distinct && packSequences(distinct.ids.map((ids) => ids.map((id) => [id]))),
    reverse,
    initial,
  });
  arena.check();
  return { ...result, ...weights };
}

function compare(problem: Problem): void {
  const { kind, H, x, reverse = false, initial = zeroStates(x.length, H) } = problem;
  const { h, c, hLast, parameters, quantised } = run(problem);
  const steps = lstmForward(x, initial, parameters, reverse, quantised && integerProduct(quantised));
  const last = steps.map((of) => of.at(reverse ? 0 : -1)!);
  const near = (actual: ArrayLike<number>, expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(TOLERANCE[kind]);
  near(h, packSequences(steps.map((of) => of.map((step) => step.h))));
  near(
    c,
    last.flatMap((step) => step.c),
  );
  if (problem.initial) {
    near(
      hLast!,
      last.flatMap((step) => step.h),
    );
  }
}

describe.each(kinds)('%s against the float64 twin', (kind) => {
  test.each(sizes.flatMap((D) => sizes.map((H) => [D, H])))('D = %i, H = %i', (D, H) => {
    const rows = drawMatrix(numbers, 5, D);
    const ids = lengths.map((T) => Array.from({ length: T }, () => numbers.int(rows.length)));
    const shown = ids.map((sequence) => sequence.map((id) => rows[id]));
    compare({ kind, H, x: drawSequences(lengths, D), initial: drawStates(lengths.length, H) });
    compare({ kind, H, x: shown, distinct: { rows, ids } });
    compare({ kind, H, x: drawSequences(lengths, D), reverse: true });
  });

  test.each(flags)('more sequences than a block of the product, reverse = %s', (reverse) => {
    compare({ kind, H: 9, x: drawSequences(new Array(70).fill(2), 5), reverse });
  });

  test('more distinct tokens than are projected together', () => {
    const rows = drawMatrix(numbers, 130, 5);
    const ids = [65, 65].map((T, b) => Array.from({ length: T }, (_, t) => (7 * (65 * b + t)) % 130));
    compare({ kind, H: 9, x: ids.map((of) => of.map((id) => rows[id])), distinct: { rows, ids } });
  });
});

describe.each(kinds)('%s, bit for bit', (kind) => {
  const [D, H] = [5, 17];
  const x = drawSequences(lengths, D);

  test.each(flags)('a batch is its sequences one by one, reverse = %s', (reverse) => {
    const batch = run({ kind, H, x, reverse });
    const of = unpackSequences(batch.h, lengths, H);
    x.forEach((sequence, b) => {
      const single = run({ kind, H, x: [sequence], reverse });
      expect([...single.h]).toEqual(of[b].flat());
      expect(single.c).toEqual(batch.c.slice(b * H, (b + 1) * H));
    });
  });

  test('a sequence is its steps one by one, each starting from the state before', () => {
    const [sequence] = x;
    const whole = run({ kind, H, x: [sequence], initial: zeroStates(1, H) });
    let state = zeroStates(1, H)[0];
    sequence.forEach((row, t) => {
      const { h, c, hLast } = run({ kind, H, x: [[row]], initial: [state] });
      expect(h).toEqual(whole.h.slice(t * H, (t + 1) * H));
      expect(hLast).toEqual(h);
      state = { h: [...h], c: [...c] };
    });
    expect(state.c).toEqual([...whole.c]);
  });
});
