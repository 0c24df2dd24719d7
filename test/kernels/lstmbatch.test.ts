import { describe, expect, test } from 'vitest';
import { type LstmOptions, lstm } from '../../src/layers/lstm.ts';
import { lstmStep } from '../reference/cells.ts';
import { batchLstm, byRunning, overBatch, type Recurrence } from '../reference/lstm-batch.ts';
import { Tape, type Variable } from '../reference/tape.ts';
import { Arena, isRelaxed, relativeError, sizes, testNumbers } from '../support/arena.ts';
import { type CellProblem, drawCellProblem, runCell } from '../support/cells.ts';
import { LayerRun, type QuantisedValues } from '../support/layer-run.ts';
import { packSequences, unpackSequences } from '../support/packed.ts';

// Of the largest element of the output, of the largest of all gradients, of the statistics, with int8 weights. Measured:
// 5.7e-6, 2.6e-5, 2.0e-7, 1.1e-5: numbers of few texts may be nearly equal, and dividing by their deviation makes
// differences of rounding larger, up to 1/√ε = 316 times.
const TOLERANCE = { forward: 1.2e-5, backward: 6e-5, statistics: 6e-7, int8: 3e-5 };

const isStatistic = (name: string) => /\.(mean|variance|seen|meanIH|varianceIH)$/.test(name);

/** Steps that too few texts reach, that have no statistics, and that were never seen: all occur. */
const lengths = [7, 5, 5, 4, 3, 3];
const normSteps = 6;
const seen = [0.5, 0, 0.75, 0.25, 0.5, 0];

function draw(
  seed: number,
  norm: 'input' | 'batch',
  D: number,
  H: number,
  more: LstmOptions = {},
  of = lengths,
) {
  const layer = lstm({ size: H, norm, ...(norm === 'batch' && { normSteps }), ...more });
  const problem = drawCellProblem(testNumbers(seed), layer, lstmStep, D, of, H % 2 > 0);
  const entries = Object.entries(problem.parameters).map(([name, values]): [string, number[]] => {
    if (/variance/.test(name)) return [name, values.map((v) => Math.fround(v * v + 0.25))];
    return [name, name.endsWith('.seen') ? seen : values];
  });
  return { ...problem, parameters: Object.fromEntries(entries) };
}

/** The twin over a problem: y, and after differentiate() gradients by name. */
function twinOf({ layer, parameters, x, dY }: CellProblem, train: boolean) {
  const tape = new Tape();
  const variables = Object.fromEntries(
    Object.entries(parameters).map(([name, v]): [string, Variable] => [name, tape.variable(v)]),
  );
  const rows = x.map((text) => text.map((row) => tape.variable(row)));
  const names = layer.options.bidirectional ? ['forward', 'reverse'] : ['forward'];
  const states = names.map((direction) => {
    const of = Object.fromEntries(
      Object.entries(variables)
        .filter(([name]) => name.startsWith(`${direction}.`))
        .map(([name, variable]) => [name.slice(direction.length + 1), variable]),
    );
    const H = of.bias.value.length / 4;
    const split = (values: number[]) =>
      Array.from({ length: normSteps }, (_, s) => values.slice(s * 5 * H, (s + 1) * 5 * H));
    const recurrence: Recurrence | null = of.seen
      ? {
          ...{ S: normSteps, train, seen: of.seen.value },
          ...{ mean: split(of.mean.value), variance: split(of.variance.value) },
        }
      : null;
    const input = train ? overBatch(tape) : byRunning(tape, of.meanIH.value, of.varianceIH.value);
    return batchLstm(tape, of, rows, input, recurrence, direction === 'reverse');
  });
  const y = rows.map((text, b) => text.map((_, t) => states.flatMap((one) => one[b][t].value)));
  const differentiate = () => {
    const { length: H } = states[0][0][0].value;
    const parts = states.map((_, d) => dY.flat().map((row) => row.slice(d * H, (d + 1) * H)));
    tape.differentiate(states.flat(2), parts.flat());
  };
  return { y, rows, variables, differentiate };
}

const variants: [string, 'input' | 'batch', LstmOptions][] = [
  ['norm input', 'input', {}],
  ['norm input, bidirectional', 'input', { bidirectional: true }],
  ['norm batch', 'batch', {}],
];

describe.each(variants)('%s', (_, norm, more) => {
  test.each(sizes)('is the formula, and backward its derivative: D = %i, all H', (D) => {
    for (const H of sizes) {
      const problem = draw(D + H, norm, D, H, more);
      const { run, arena } = runCell(problem);
      const twin = twinOf(problem, true);
      expect(relativeError(run.y, packSequences(twin.y)), `y, H = ${H}`).toBeLessThan(TOLERANCE.forward);
      run.backward(packSequences(problem.dY));
      twin.differentiate();
      const dX = twin.rows.map((text) => text.map(({ gradient }) => gradient));
      const shown = problem.distinct?.ids.flat();
      const expectedX = problem.distinct
        ? problem.distinct.rows.flatMap((row, u) =>
            row.map((_, k) => dX.flat().reduce((sum, d, n) => sum + (shown![n] === u ? d[k] : 0), 0)),
          )
        : packSequences(dX);
      const pairs: [string, Float32Array, number[]][] = [
        ['x', run.dX, expectedX],
        ...Object.entries(twin.variables)
          .filter(([name]) => !isStatistic(name))
          .map(([name, { gradient }]): [string, Float32Array, number[]] => [
            name,
            run.gradientOf(name),
            gradient,
          ]),
      ];
      const largest = Math.max(...pairs.flatMap(([, , expected]) => expected.map(Math.abs)));
      for (const [name, actual, expected] of pairs) {
        const error = Math.max(...expected.map((value, k) => Math.abs(actual[k] - value)));
        expect(error / largest, `d ${name}, H = ${H}`).toBeLessThan(TOLERANCE.backward);
      }
      arena.check();
    }
  });

  test.each([5, 8, 9])('predicts by the running statistics: H = %i', (H) => {
    const problem = draw(1, norm, 5, H, more);
    const { run, arena } = runCell(problem, 'predict');
    const expected = packSequences(twinOf(problem, false).y);
    expect(relativeError(run.y, expected)).toBeLessThan(TOLERANCE.forward);
    arena.check();
  });

  test('int8 weights are what they stand for', () => {
    const problem = draw(2, norm, 7, 17, more);
    const numbers = testNumbers(3);
    const given: Record<string, ArrayLike<number> | QuantisedValues> = { ...problem.parameters };
    const shown = { ...problem.parameters };
    for (const { name, shape } of problem.layer.parameters(
      { kind: 'sequence', features: 7, reverseFrom: 7 },
      0,
    )) {
      if (shape.length !== 2) continue;
      const q = Array.from({ length: shape[0] * shape[1] }, () => numbers.int(255) - 127);
      const scales = numbers.floats(shape[0], 0.001, 0.004);
      given[name] = { q, scales };
      shown[name] = q.map((w, k) => w * scales[Math.floor(k / shape[1])]);
    }
    const { run } = runCell(problem, 'predict', given);
    const twin = twinOf({ ...problem, parameters: shown }, false);
    const tolerance = isRelaxed ? 0.025 : TOLERANCE.int8;
    expect(relativeError(run.y, packSequences(twin.y))).toBeLessThan(tolerance);
  });

  test('a prediction of a batch is that of its texts one by one', () => {
    const problem = draw(4, norm, 5, 9, more);
    const rows = (of: CellProblem) => {
      const { y } = runCell(of, 'predict').run;
      return unpackSequences(y, [...of.lengths], y.length / of.x.flat().length);
    };
    const { distinct: _, ...plain } = problem;
    const together = rows(plain);
    problem.x.forEach((text, b) => {
      expect(rows({ ...plain, lengths: [text.length], x: [text] })[0]).toEqual(together[b]);
    });
  });
});

test.each(['input', 'batch'] as const)('a stream is the text in one piece, norm %s', (norm) => {
  const { distinct: _, ...problem } = draw(5, norm, 5, 8, {}, [6]);
  const [text] = problem.x;
  const whole = runCell(problem, 'predict').run.y;
  const arena = new Arena();
  const { layer, parameters } = problem;
  const run = new LayerRun(arena, { layer, mode: 'stream', lengths: [1], x: [text[0]], parameters });
  const said = text.flatMap((row, t) => {
    run.enter([row]);
    return [...(t === 0 ? run.forward() : run.forwardOnly()).y];
  });
  expect(said).toEqual([...whole]);
  arena.check();
});

describe('running statistics', () => {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const variance = (values: number[]) =>
    values.reduce((sum, v) => sum + (v - mean(values)) ** 2, 0) / (values.length - 1);

  test('of the input are those of all words', () => {
    const [D, H] = [3, 5];
    const problem = draw(6, 'input', D, H);
    const { run } = runCell(problem);
    run.backward(packSequences(problem.dY));
    const W = problem.parameters['forward.weightIH'];
    const products = problem.x
      .flat()
      .map((row) =>
        Array.from({ length: 4 * H }, (_, g) => row.reduce((sum, v, k) => sum + W[g * D + k] * v, 0)),
      );
    const column = (g: number) => products.map((row) => row[g]);
    const columns = products[0].map((_, g) => column(g));
    expect(relativeError(run.gradientOf('forward.meanIH'), columns.map(mean))).toBeLessThan(
      TOLERANCE.statistics,
    );
    expect(relativeError(run.gradientOf('forward.varianceIH'), columns.map(variance))).toBeLessThan(
      TOLERANCE.statistics,
    );
  });

  test('of the recurrence are those of each step; a step without its own keeps what it has', () => {
    const H = 5;
    const of = [5, 2, 1, 1, 1]; // step 1 has two texts, the later ones have one
    const problem = draw(7, 'batch', 3, H, {}, of);
    const { run } = runCell(problem);
    const h = unpackSequences(run.y, of, H);
    const before = [0, 1].map((b) => h[b][0]); // of step 1
    run.backward(packSequences(problem.dY));
    const W = problem.parameters['forward.weightHH'];
    const products = before.map((row) =>
      Array.from({ length: 4 * H }, (_, g) => [...row].reduce((sum, v, k) => sum + W[g * H + k] * v, 0)),
    );
    const columns = products[0].map((_, g) => products.map((row) => row[g]));
    const at = (name: string, s: number) =>
      run.gradientOf(`forward.${name}`).slice(s * 5 * H, (s + 1) * 5 * H);
    const own = (name: string, s: number) =>
      problem.parameters[`forward.${name}`].slice(s * 5 * H, (s + 1) * 5 * H);
    expect(relativeError(at('mean', 1).slice(0, 4 * H), columns.map(mean))).toBeLessThan(
      TOLERANCE.statistics,
    );
    expect(relativeError(at('variance', 1).slice(0, 4 * H), columns.map(variance))).toBeLessThan(
      TOLERANCE.statistics,
    );
    expect(at('mean', 0).slice(0, 4 * H)).toEqual(new Float32Array(4 * H)); // W_hh of no state
    expect([...at('mean', 3)]).toEqual(own('mean', 3));
    expect([...at('variance', 3)]).toEqual(own('variance', 3));
    expect([...run.gradientOf('forward.seen')]).toEqual([1, 1, 0.75, 0.25, 0.5, 0]);
  });
});

test('they run these kernels', () => {
  const kernelsOf = (norm: 'input' | 'batch') => {
    const problem = draw(8, norm, 3, 5);
    const { run } = runCell(problem);
    run.backward(packSequences(problem.dY));
    return run.kernels;
  };
  const predicted = (norm: 'input' | 'batch') => runCell(draw(8, norm, 3, 5), 'predict').run.kernels;
  expect(kernelsOf('input')).toEqual(expect.arrayContaining(['gatesBatchForward', 'gatesBatchBackward']));
  expect(kernelsOf('batch')).toEqual(
    expect.arrayContaining(['lstmBatchPrepare', 'lstmBatchForward', 'lstmBatchBackward', 'lstmBatchFollow']),
  );
  expect(predicted('batch')).toEqual(expect.arrayContaining(['gatesBatchPrepare', 'batchNormForward']));
});
