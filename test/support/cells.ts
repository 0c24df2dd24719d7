import type { Layer, Mode } from '../../src/layers/layer.ts';
import { type CellParameters, type CellState, type Masks, type Step, walkCell } from '../reference/cells.ts';
import type { Matrix } from '../reference/lstm.ts';
import { Tape, type Variable } from '../reference/tape.ts';
import { Arena, relativeError, stride, type testNumbers } from './arena.ts';
import { LayerRun, type QuantisedValues } from './layer-run.ts';
import { drawMatrix, packSequences, unpackSequences } from './packed.ts';

type Numbers = ReturnType<typeof testNumbers>;

export interface CellProblem {
  readonly layer: Layer;
  readonly step: Step;
  /** Features of the input. */
  readonly D: number;
  readonly lengths: readonly number[];
  readonly parameters: Readonly<Record<string, number[]>>;
  readonly x: Matrix[];
  readonly dY: Matrix[];
  /** A row of `rows` for each step of each sequence, which then is x. */
  readonly distinct?: { readonly rows: Matrix; readonly ids: number[][] };
  /** Size of c where the cell has one. */
  readonly sizeC?: number;
  /** Zoneout as prediction has it. */
  readonly expected?: Masks;
}

/** A sequence of D features. */
export const shapeOf = (D: number) => ({ kind: 'sequence', features: D, reverseFrom: D }) as const;

/** Numbers for everything a problem needs. */
export function drawCellProblem(
  numbers: Numbers,
  layer: Layer,
  step: Step,
  D: number,
  lengths: readonly number[],
  isDistinct = false,
): CellProblem {
  const shape = shapeOf(D);
  const { features } = layer.output(shape) as { features: number };
  const parameters = Object.fromEntries(
    layer.parameters(shape, 0).map(({ name, shape }) => [
      name,
      [
        ...numbers.floats(
          shape.reduce((a, b) => a * b, 1),
          -0.5,
          0.5,
        ),
      ],
    ]),
  );
  const dY = lengths.map((T) => drawMatrix(numbers, T, features));
  if (!isDistinct) {
    const x = lengths.map((T) => drawMatrix(numbers, T, D));
    return { layer, step, D, lengths, parameters, x, dY };
  }
  const rows = drawMatrix(numbers, 5, D);
  const ids = lengths.map((T) => Array.from({ length: T }, () => numbers.int(rows.length)));
  const x = ids.map((sequence) => sequence.map((id) => rows[id]));
  return { layer, step, D, lengths, parameters, x, dY, distinct: { rows, ids } };
}

/** A layer's plan over a problem, forward run, in a fresh arena. */
export function runCell(
  problem: CellProblem,
  mode: Mode = 'train',
  parameters: Readonly<Record<string, ArrayLike<number> | QuantisedValues>> = problem.parameters,
) {
  const { layer, lengths, x, distinct, D } = problem;
  const arena = new Arena();
  const index = distinct && packSequences(distinct.ids.map((ids) => ids.map((id) => [id])));
  const packed = unpackSequences(Float32Array.from(packSequences(x)), [x.flat().length], D)[0];
  const rows = distinct ? distinct.rows : packed;
  const run = new LayerRun(arena, { layer, mode, lengths, x: rows, parameters, ...(index && { index }) });
  return { run: run.forward(), arena };
}

/** The twin over the same problem; masks are those that the layer drew. */
export function twinCell(problem: CellProblem, run?: LayerRun) {
  const { layer, step, lengths, parameters, D, sizeC, expected } = problem;
  const tape = new Tape();
  const names = layer.options.bidirectional ? ['forward', 'reverse'] : ['forward'];
  const all = Object.fromEntries(
    Object.entries(parameters).map(([name, values]): [string, Variable] => [name, tape.variable(values)]),
  );
  const x = problem.x.map((sequence) => sequence.map((row) => tape.variable(row)));
  const { reverseFrom: H } = layer.output(shapeOf(D)) as { reverseFrom: number };
  const states = names.map((name) => {
    const of: CellParameters = Object.fromEntries(
      Object.entries(all)
        .filter(([full]) => full.startsWith(`${name}.`))
        .map(([full, variable]) => [full.slice(name.length + 1), shownWeights(tape, full, variable, run)]),
    );
    // Masks are drawn in whole rows of 8, padding included.
    const drawn = (mask: string, rows: 'B' | 'N', columns: number) =>
      run?.has(`${name}.${mask}`) ? run.take(`${name}.${mask}`, rows, stride(columns)) : undefined;
    const mask = drawn('mask', 'B', H);
    const perStep = (['drop', 'keep', 'keepC'] as const).map((kind) => {
      const columns = kind === 'keep' ? H : (sizeC ?? H);
      const rows = drawn(kind, 'N', columns);
      return [kind, rows && unpackSequences(rows, [...lengths], stride(columns))] as const;
    });
    return x.map((sequence, b) => {
      const masksAt = (t: number): Masks => ({
        ...expected,
        ...(mask && { mask: [...mask.subarray(b * stride(H), b * stride(H) + H)] }),
        ...Object.fromEntries(perStep.flatMap(([kind, rows]) => (rows ? [[kind, rows[b][t]]] : []))),
      });
      const zero = (size: number) => tape.variable(new Array<number>(size).fill(0));
      const initial: CellState = { h: zero(H), ...(sizeC !== undefined && { c: zero(sizeC) }) };
      return walkCell(tape, step, of, sequence, initial, name === 'reverse', masksAt);
    });
  });
  const y = lengths.map((T, b) =>
    Array.from({ length: T }, (_, t) => states.flatMap((direction) => direction[b][t].h.value)),
  );
  const differentiate = () =>
    tape.differentiate(
      states.flat(2).map(({ h }) => h),
      states.flatMap((_, d) => problem.dY.flat().map((row) => row.slice(d * H, (d + 1) * H))),
    );
  return { y, x, parameters: all, differentiate };
}

/** Weights as the products see them: some are dropped, the others larger for it. */
function shownWeights(tape: Tape, name: string, weights: Variable, run?: LayerRun): Variable {
  if (!run?.has(`${name}.dropped`)) return weights;
  const dropped = run.floats(`${name}.dropped`, weights.value.length);
  return tape.multiply(weights, tape.variable(weights.value.map((w, k) => dropped[k] / w)));
}

/**
 * Kernels and twin over a problem.
 * @returns the error of the output, as a share of its largest element, and of each gradient, as a share of the
 *   largest element of all gradients: where H is 1 a gradient may be one number whose terms cancel
 */
export function cellErrors(problem: CellProblem): { y: number; gradients: Record<string, number> } {
  const { run, arena } = runCell(problem);
  const twin = twinCell(problem, run);
  const y = relativeError(run.y, packSequences(twin.y));
  run.backward(packSequences(problem.dY));
  twin.differentiate();
  arena.check();
  const dX = twin.x.map((sequence) => sequence.map(({ gradient }) => gradient));
  const shown = problem.distinct?.ids.flat();
  const expectedX = problem.distinct
    ? problem.distinct.rows.flatMap((row, u) =>
        row.map((_, k) => dX.flat().reduce((sum, d, n) => sum + (shown![n] === u ? d[k] : 0), 0)),
      )
    : packSequences(dX);
  const pairs: [string, Float32Array, number[]][] = [
    ['x', run.dX, expectedX],
    ...Object.entries(twin.parameters).map(
      ([name, { gradient }]) => [name, run.gradientOf(name), gradient] as [string, Float32Array, number[]],
    ),
  ];
  const largestOf = (values: number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const largest = Math.max(...pairs.map(([, , expected]) => largestOf(expected)));
  const gradients = pairs.map(([name, actual, expected]) => [
    name,
    (relativeError(actual, expected) * largestOf(expected)) / (largest || 1), // 0 where every relu is off
  ]);
  return { y, gradients: Object.fromEntries(gradients) };
}
