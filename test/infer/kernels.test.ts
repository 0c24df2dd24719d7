// The kernels that gatelet/infer alone has, against float64 twins and, bit for bit, against those of the whole package.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type LstmState, lstmForward, type Matrix, type Product } from '../reference/lstm.ts';
import { mostOf, quantisedProduct } from '../reference/quantise.ts';
import { Arena, type InferKernels, relativeError, sizes, stride, testNumbers } from '../support/arena.ts';
import { predictLstm } from '../support/lstm-predict.ts';
import { drawMatrix } from '../support/packed.ts';
import { putQuantised, type QuantisedWeights } from '../support/quantised.ts';

// As lstmpredict.test.ts.
const TOLERANCE = { f32: 1e-6, i8: 4e-5 };
const MOST = mostOf(false);
/** Rows of the table whose projection is kept. */
const KEPT = 3;
/** What a kernel may read behind int8 weights. */
const beyond = (columns: number) => 7 * columns + 16;

interface Problem {
  kind: 'f32' | 'i8';
  /** Words, each showing the rows of a table [·,D] that its bag names. */
  bags: number[][];
  D: number;
  H: number;
  reverse?: boolean;
  initial?: LstmState | undefined;
}

/** Weights, and the words' rows x [T,D], of a problem. */
function draw({ kind, bags, D, H }: Problem, arena: Arena | Arena<InferKernels>) {
  const numbers = testNumbers(100 * D + H);
  const table = drawMatrix(numbers, 9, D);
  const x = bags.map((bag) =>
    Array.from({ length: D }, (_, d) =>
      Math.fround(bag.reduce((sum, row) => sum + table[row][d] / bag.length, 0)),
    ),
  );
  const bias = [...numbers.floats(4 * H)];
  if (kind === 'f32') {
    const [weightIH, weightHH] = [D, H].map((C) => drawMatrix(numbers, 4 * H, C, 0.5));
    return { x, parameters: { weightIH, weightHH, bias } };
  }
  const [weightIH, weightHH] = [D, H].map((C) => putQuantised(arena as Arena, numbers, 4 * H, C));
  const parameters = { weightIH: weightIH.weight, weightHH: weightHH.weight, bias };
  return { x, parameters, quantised: { weightIH, weightHH } };
}

/** The text twice, so that the second time some words are known; the results of the second. */
function run(problem: Problem) {
  const { bags, D, H, reverse = false, initial } = problem;
  const arena = Arena.ofInfer();
  const { kernels } = arena;
  const { x, parameters, quantised } = draw(problem, arena);
  const T = bags.length;
  const width = 4 * stride(H);
  /** Where a matrix is, the scales of its rows, and scratch. */
  const weights = (matrix: Matrix, of: QuantisedWeights | undefined): [number, number, number] => {
    const C = matrix[0].length;
    if (of) {
      const at = arena.putIntegers16(of.q.flat(), beyond(C));
      return [at, arena.putFloats([...of.scales, ...new Array(8).fill(Number.NaN)]), zeros(C)];
    }
    const panels = arena.putFloats(width * C);
    kernels.gatesPack(panels, arena.putFloats(matrix.flat()), C, H, 4);
    return [panels, 0, 0];
  };
  const zeros = (C: number) => arena.putFloats(new Float32Array(stride(C) + 64));
  const [weightIH, scalesIH, qIH] = weights(parameters.weightIH, quantised?.weightIH);
  const [weightHH, scalesHH, qHH] = weights(parameters.weightHH, quantised?.weightHH);
  const bias = arena.putFloats(parameters.bias);
  const kept = arena.putFloats(KEPT * width);
  const known = arena.putInts(new Int32Array(KEPT));
  const [home, projected] = [arena.putInts(T), arena.putFloats(T * width)];
  const starts = [0];
  for (const bag of bags) starts.push(starts.at(-1)! + bag.length);
  const words = [arena.putInts(starts), arena.putInts(bags.flat())] as const;
  const xPtr = arena.putMatrix(T, D, x.flat());
  const projection = [weightIH, scalesIH, bias, qIH] as const;
  const into = [home, kept, known, projected] as const;
  kernels.lstmTextProject(...into, xPtr, ...words, ...projection, T, KEPT, D, H);
  // Of words that are known, x is not read again.
  const isKept = (bag: number[]) => bag.length === 1 && bag[0] < KEPT;
  for (const [t, bag] of bags.entries()) if (isKept(bag)) arena.poison(xPtr + t * 4 * stride(D), D);
  kernels.lstmTextProject(...into, xPtr, ...words, ...projection, T, KEPT, D, H);
  const inKept = [...arena.takeInts(home, T)].map((at) => at >= kept && at < kept + 4 * KEPT * width);
  expect(inKept).toEqual(bags.map(isKept));
  const h = arena.putMatrix(T, H);
  const c = arena.putMatrix(1, H, initial?.c);
  const h0 = initial ? arena.putMatrix(1, H, initial.h) : 0;
  const z = arena.putFloats(width);
  kernels.lstmText(h, c, h0, z, qHH, home, weightHH, scalesHH, T, H, Number(reverse));
  arena.check();
  return {
    ...{ x, parameters, quantised },
    h: arena.takeMatrix(h, T, H),
    c: arena.takeMatrix(c, 1, H),
    hLast: h0 ? arena.takeMatrix(h0, 1, H) : undefined,
  };
}

const bags = [[2], [5, 1], [2], [4], [0], [], [0]];
const stateOf = (H: number): LstmState => {
  const numbers = testNumbers(H);
  return { h: [...numbers.floats(H)], c: [...numbers.floats(H, -2, 2)] };
};

describe.each(['f32', 'i8'] as const)('the LSTM of one text, %s', (kind) => {
  const problems = sizes.flatMap((D) => sizes.map((H) => [D, H]));

  test.each(problems)('against the float64 twin: D = %i, H = %i', (D, H) => {
    for (const more of [{}, { initial: stateOf(H) }, { reverse: true }] as Partial<Problem>[]) {
      const { reverse = false, initial } = more;
      const { x, parameters, quantised, h, c, hLast } = run({ kind, bags, D, H, ...more });
      const zero = { h: new Array(H).fill(0), c: new Array(H).fill(0) };
      const product = ({ weightIH, weightHH }: NonNullable<typeof quantised>): Product => {
        return (matrix, row) => {
          const { q, scales } = matrix === weightIH.weight ? weightIH : weightHH;
          return quantisedProduct([row], q, scales, MOST)[0];
        };
      };
      const [steps] = lstmForward(
        [x],
        [initial ?? zero],
        parameters,
        reverse,
        quantised && product(quantised),
      );
      const last = steps.at(reverse ? 0 : -1)!;
      const near = (actual: ArrayLike<number>, expected: number[]) =>
        expect(relativeError(actual, expected)).toBeLessThan(TOLERANCE[kind]);
      near(
        h,
        steps.flatMap((step) => step.h),
      );
      // Of the largest state of the text: the last one may be next to nothing.
      const most = Math.max(...steps.flatMap((step) => step.c.map(Math.abs)));
      near([...c, most], [...last.c, most]);
      if (hLast) near(hLast, last.h);
    }
  });

  test.each([
    [5, 17],
    [130, 96],
  ])('bit for bit that of a batch: D = %i, H = %i', (D, H) => {
    for (const more of [{}, { initial: stateOf(H) }, { reverse: true }] as Partial<Problem>[]) {
      const { x, h, c } = run({ kind, bags, D, H, ...more });
      const batch = new Arena();
      const { parameters, quantised } = draw({ kind, bags, D, H }, batch);
      const { reverse, initial } = more;
      const states = initial && [initial];
      const lengths = [bags.length];
      const expected = predictLstm(batch, {
        lengths,
        parameters,
        quantised,
        x: x.flat(),
        reverse,
        initial: states,
      });
      expect(h).toEqual(expected.h);
      expect(c).toEqual(expected.c);
    }
  });
});

test.each(sizes.flatMap((I) => [1, 3, 8, 17].map((O) => [I, O])))(
  'dense of int8, %i to %i, bit for bit',
  (I, O) => {
    const arena = Arena.ofInfer();
    const numbers = testNumbers(100 * I + O);
    const { q, scales } = putQuantised(arena as never, numbers, O, I);
    const x = drawMatrix(numbers, 7, I);
    const bias = [...numbers.floats(O)];
    const weight = arena.putIntegers16(q.flat(), beyond(I));
    const scalesPtr = arena.putFloats([...scales, ...new Array(8).fill(Number.NaN)]);
    const y = arena.putMatrix(7, O);
    const scratch = arena.putFloats(new Float32Array(stride(I) + 64));
    const inputs = [arena.putMatrix(7, I, x.flat()), weight, scalesPtr, arena.putFloats(bias)] as const;
    arena.kernels.denseTextForward(y, ...inputs, scratch, 7, I, O);
    const expected = quantisedProduct(x, q, scales, MOST).flatMap((row) =>
      row.map((value, o) => Math.fround(value + bias[o])),
    );
    expect([...arena.takeMatrix(y, 7, O)]).toEqual(expected);
    arena.check();
  },
);

test('all other kernels are those of the whole package', () => {
  const exportsOf = (name: string) =>
    WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(`build/${name}.wasm`))).map(
      ({ name }) => name,
    );
  const whole = exportsOf('gatelet');
  const own = ['denseTextForward', 'lstmText', 'lstmTextProject'];
  expect(
    exportsOf('gatelet-infer')
      .filter((name) => !whole.includes(name))
      .sort(),
  ).toEqual(own);
});
