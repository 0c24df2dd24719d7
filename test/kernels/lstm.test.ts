import { describe, expect, test } from 'vitest';
import {
  type LstmParameters,
  type LstmState,
  lstmBackward,
  lstmForward,
  type Matrix,
} from '../reference/lstm.ts';
import { Arena, relativeError, testNumbers } from '../support/arena.ts';
import { LstmRun } from '../support/lstm.ts';
import { drawMatrix, packSequences, unpackSequences } from '../support/packed.ts';

// Of the largest element of each result, against the float64 twin. Measured: 5.0e-7 and 1.9e-6.
const FORWARD_TOLERANCE = 1e-6;
const BACKWARD_TOLERANCE = 4e-6;

const sizes = [1, 3, 4, 5, 7, 8, 15, 16, 17, 33];
const lengths = [4, 3, 3, 1, 1, 1];
const flags = [false, true];

const numbers = testNumbers(7);
const drawParameters = (D: number, H: number): LstmParameters => ({
  weightIH: drawMatrix(numbers, 4 * H, D, 0.5),
  weightHH: drawMatrix(numbers, 4 * H, H, 0.5),
  bias: [...numbers.floats(4 * H)],
});
const drawStates = (B: number, H: number): LstmState[] =>
  Array.from({ length: B }, () => ({ h: [...numbers.floats(H)], c: [...numbers.floats(H, -2, 2)] }));
const drawSequences = (of: number[], C: number): Matrix[] => of.map((T) => drawMatrix(numbers, T, C));
const zeroStates = (B: number, H: number): LstmState[] =>
  Array.from({ length: B }, () => ({ h: new Array(H).fill(0), c: new Array(H).fill(0) }));

interface Problem {
  parameters: LstmParameters;
  x: Matrix[];
  dY: Matrix[];
  reverse?: boolean;
  initial?: LstmState[] | undefined;
  /** Distinct rows [U,D], and which of them each step of each sequence shows; together they replace x. */
  distinct?: { rows: Matrix; ids: number[][] } | undefined;
  inPlace?: boolean;
}

/** Everything the kernels compute for a problem, dense, in a fresh arena whose canaries are checked. */
function run({ parameters, x, dY, reverse, initial, distinct, inPlace }: Problem) {
  const arena = new Arena();
  const [D, H] = [parameters.weightIH[0].length, parameters.weightHH[0].length];
  const index = distinct && packSequences(distinct.ids.map((ids) => ids.map((id) => [id])));
  const rows = distinct ? distinct.rows.flat() : packSequences(x);
  const U = rows.length / D;
  const xPtr = arena.putMatrix(U, D, rows);
  const of = x.map((sequence) => sequence.length);
  const options = { lengths: of, parameters, reverse, initial, index, inPlace };
  const lstm = new LstmRun(arena, options).forward(xPtr, U);
  const { N } = lstm;
  const dStates = arena.putMatrix(N, H, packSequences(dY));
  const gradients = lstm.backward(xPtr, dStates, U);
  const result = {
    h: arena.takeMatrix(lstm.h, N, H),
    c: arena.takeMatrix(lstm.c, N, H),
    dGates: arena.takeMatrix(lstm.gates, 4 * N, H),
    dX: arena.takeMatrix(gradients.dX, U, D),
    dStates: arena.takeMatrix(dStates, N, H),
    dH: arena.takeMatrix(gradients.dH, of.length, H),
    dC: arena.takeMatrix(gradients.dC, of.length, H),
    dWeightIH: arena.takeFloats(lstm.dWeightIH, 4 * H * D),
    dWeightHH: arena.takeFloats(lstm.dWeightHH, 4 * H * H),
    dBias: arena.takeFloats(lstm.dBias, 4 * H),
  };
  arena.check();
  return result;
}

/** Runs a problem through kernels and twin, and compares all there is. */
function compare(problem: Problem): void {
  const { parameters, x, dY, reverse = false, distinct } = problem;
  const H = parameters.weightHH[0].length;
  const initial = problem.initial ?? zeroStates(x.length, H);
  const steps = lstmForward(x, initial, parameters, reverse);
  const expected = lstmBackward(x, initial, parameters, steps, dY, reverse);
  const actual = run(problem);

  const forward = (name: 'h' | 'c') => {
    const values = packSequences(steps.map((sequence) => sequence.map((step) => step[name])));
    expect(relativeError(actual[name], values), name).toBeLessThan(FORWARD_TOLERANCE);
  };
  forward('h');
  forward('c');

  const backward = (name: keyof typeof actual, values: number[]) =>
    expect(relativeError(actual[name], values), name).toBeLessThan(BACKWARD_TOLERANCE);
  const shown = distinct?.ids.flat();
  const dX = distinct
    ? distinct.rows.map((row, u) =>
        row.map((_, k) => expected.x.flat().reduce((sum, d, n) => sum + (shown![n] === u ? d[k] : 0), 0)),
      )
    : [packSequences(expected.x)];
  backward('dX', dX.flat());
  backward('dStates', packSequences(expected.states));
  backward('dWeightIH', expected.parameters.weightIH.flat());
  backward('dWeightHH', expected.parameters.weightHH.flat());
  backward('dBias', expected.parameters.bias);
  if (problem.initial) {
    backward(
      'dH',
      expected.initial.flatMap(({ h }) => h),
    );
    backward(
      'dC',
      expected.initial.flatMap(({ c }) => c),
    );
  }
}

describe('against the float64 twin', () => {
  // Each two of reverse, given initial states and distinct rows meet in all four ways.
  const variants = flags.flatMap((reverse) =>
    flags.map((hasInitial) => ({ reverse, hasInitial, isDistinct: reverse !== hasInitial })),
  );

  test.each(sizes.flatMap((D) => sizes.map((H) => [D, H])))('D = %i, H = %i', (D, H) => {
    for (const { reverse, hasInitial, isDistinct } of variants) {
      const rows = drawMatrix(numbers, 5, D);
      const ids = lengths.map((T) => Array.from({ length: T }, () => numbers.int(rows.length)));
      compare({
        parameters: drawParameters(D, H),
        x: ids.map((sequence) => sequence.map((id) => rows[id])),
        dY: drawSequences(lengths, H),
        reverse,
        initial: hasInitial ? drawStates(lengths.length, H) : undefined,
        distinct: isDistinct ? { rows, ids } : undefined,
      });
    }
  });

  test.each(flags)('more rows than one block of the weight gradient, reverse = %s', (reverse) => {
    const long = [190, 190, 120];
    compare({
      parameters: drawParameters(5, 7),
      x: drawSequences(long, 5),
      dY: drawSequences(long, 7),
      reverse,
      initial: drawStates(3, 7),
    });
  });
});

test.each(sizes)('a projection of distinct rows may lie in the gates, H = %i', (H) => {
  const D = 5;
  const drawn = lengths.map((T) => Array.from({ length: T }, () => numbers.int(6)));
  const order = [...new Set(packSequences(drawn.map((ids) => ids.map((id) => [id]))).reverse())].reverse();
  const ids = drawn.map((sequence) => sequence.map((id) => order.indexOf(id)));
  const rows = drawMatrix(numbers, order.length, D);
  const x = ids.map((sequence) => sequence.map((id) => rows[id]));
  const given = {
    parameters: drawParameters(D, H),
    x,
    dY: drawSequences(lengths, H),
    distinct: { rows, ids },
  };
  const [beside, inPlace] = [run(given), run({ ...given, inPlace: true })];
  for (const name of ['h', 'c', 'dStates', 'dWeightHH'] as const) {
    expect(inPlace[name], name).toEqual(beside[name]);
  }
  // The rows of a token are summed in another order.
  for (const name of ['dX', 'dWeightIH', 'dBias'] as const) {
    expect(relativeError(inPlace[name], beside[name]), name).toBeLessThan(BACKWARD_TOLERANCE);
  }
});

// From an LSTM of 128 and eight texts on, seven products of half the size take the place of one.
test.each(flags)('as large as Strassen’s products pay, reverse = %s', (reverse) => {
  const [D, H] = [3, 128];
  const many = [3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 1];
  const { weightIH, weightHH, bias } = drawParameters(D, H);
  compare({
    parameters: { weightIH, weightHH: weightHH.map((row) => row.map((weight) => weight / 4)), bias },
    x: drawSequences(many, D),
    dY: drawSequences(many, H),
    reverse,
    initial: drawStates(many.length, H),
  });
});

describe.each(flags)('bit for bit, reverse = %s', (reverse) => {
  const [D, H] = [5, 17];
  const parameters = drawParameters(D, H);
  const initial = drawStates(lengths.length, H);
  const [x, dY] = [drawSequences(lengths, D), drawSequences(lengths, H)];
  const problem = { parameters, x, dY, reverse, initial };
  const batch = run(problem);
  const perSequence = ({ h, c, dX }: typeof batch, of: number[]) => {
    const [hOf, cOf, dXOf] = [h, c, dX].map((rows, k) => unpackSequences(rows, of, k < 2 ? H : D));
    return of.map((_, b) => ({ h: hOf[b], c: cOf[b], dX: dXOf[b] }));
  };
  const sequences = perSequence(batch, lengths);

  test('a batch is its sequences one by one', () => {
    lengths.forEach((length, b) => {
      const single = run({ parameters, x: [x[b]], dY: [dY[b]], reverse, initial: [initial[b]] });
      expect(perSequence(single, [length])[0]).toEqual(sequences[b]);
      expect(single.dH).toEqual(batch.dH.slice(b * H, (b + 1) * H));
      expect(single.dC).toEqual(batch.dC.slice(b * H, (b + 1) * H));
    });
  });

  test('a sequence that ends early does not see what its longer neighbours read', () => {
    const other = run({ ...problem, x: [drawMatrix(numbers, lengths[0], D), ...x.slice(1)] });
    const changed = perSequence(other, lengths);
    expect(changed.slice(1)).toEqual(sequences.slice(1));
    expect(changed[0]).not.toEqual(sequences[0]);
  });

  test('a sequence is its steps one by one, each starting from the state before', () => {
    lengths.forEach((length, b) => {
      let state = initial[b];
      for (let s = 0; s < length; s++) {
        const t = reverse ? length - 1 - s : s;
        const { h, c } = run({ parameters, x: [[x[b][t]]], dY: [[dY[b][t]]], reverse, initial: [state] });
        state = { h: [...h], c: [...c] };
        expect(state).toEqual({ h: sequences[b].h[t], c: sequences[b].c[t] });
      }
    });
  });

  test('distinct rows project to what all rows do', () => {
    const rows = x.flat();
    let next = 0;
    const ids = x.map((sequence) => sequence.map(() => next++));
    const { h, c, dGates } = run({ ...problem, distinct: { rows, ids } });
    expect({ h, c, dGates }).toEqual({ h: batch.h, c: batch.c, dGates: batch.dGates });
  });

  test('a projection may lie in the gates', () => {
    expect(run({ ...problem, inPlace: true })).toEqual(batch);
  });

  test('no initial state is a zero one', () => {
    const without = run({ ...problem, initial: undefined });
    const zero = run({ ...problem, initial: zeroStates(lengths.length, H) });
    const { dH: _, dC: __, ...shared } = without;
    expect(zero).toMatchObject(shared);
  });

  test('a second backward pass doubles the gradients of the parameters', () => {
    const arena = new Arena();
    const lstm = new LstmRun(arena, { lengths, parameters, reverse, initial });
    const xPtr = arena.putMatrix(lstm.N, D, packSequences(x));
    for (let pass = 0; pass < 2; pass++) {
      lstm.forward(xPtr).backward(xPtr, arena.putMatrix(lstm.N, H, packSequences(dY)));
    }
    const twice = (values: Float32Array) => values.map((value) => 2 * value);
    expect(arena.takeFloats(lstm.dWeightIH, 4 * H * D)).toEqual(twice(batch.dWeightIH));
    expect(arena.takeFloats(lstm.dWeightHH, 4 * H * H)).toEqual(twice(batch.dWeightHH));
    expect(arena.takeFloats(lstm.dBias, 4 * H)).toEqual(twice(batch.dBias));
    arena.check();
  });
});
