import { describe, expect, test } from 'vitest';
import type { Layer } from '../../src/layers/layer.ts';
import type { Masks, Step } from '../reference/cells.ts';
import { Arena, isRelaxed, relativeError, sizes, testNumbers } from './arena.ts';
import { type CellProblem, cellErrors, drawCellProblem, runCell, shapeOf, twinCell } from './cells.ts';
import { LayerRun } from './layer-run.ts';
import { packSequences, unpackSequences } from './packed.ts';

/** A recurrent layer and the questions it is asked. */
export interface CellSuite {
  readonly seed: number;
  /** Hidden sizes to try; those of every kernel if not given. */
  readonly hiddenSizes?: readonly number[];
  /** The layer with a hidden size, in each of the ways to be tried. */
  readonly variants: Readonly<Record<string, Variant>>;
  /** Of the largest element of each result, against the float64 twin. */
  readonly tolerance: { readonly forward: number; readonly backward: number; readonly int8: number };
  /** Every kernel that forward and backward of the first variant call, in order. */
  readonly kernels: readonly string[];
}

export interface Variant {
  readonly layer: (size: number, bidirectional: boolean) => Layer;
  readonly step: (size: number) => Step;
  /** Size of c for a hidden size, where the cell has one. */
  readonly sizeC?: (size: number) => number;
  /** Zoneout as prediction has it: the share that stays. */
  readonly zoneout?: { readonly keep?: number; readonly keepC?: number };
}

/** What minGru() and minLstm() call, which are one layer but for their gates. */
export const MINIMAL_KERNELS = [
  ...['gatesRow', 'gatesPack', 'gatesProject', 'minimalForward', 'minimalBackward'],
  ...['gatherBackward', 'gatesBiasGradient', 'gatesWeightGradient', 'gatesPackBackward'],
  'gatesInputGradient',
];

const lengths = [4, 3, 3, 1, 1, 1];
const flags = [false, true];
/** Relaxed SIMD rounds activations to 7 bits instead of 16. Measured: 1.1e-2. */
const TOLERANCE_OF_7_BITS = 0.025;

/** Declares the tests that every recurrent layer must pass. */
export function cellSuite({ seed, hiddenSizes = sizes, variants, tolerance, kernels }: CellSuite): void {
  const numbers = testNumbers(seed);
  const problemOf = (variant: Variant, D: number, H: number, bidirectional: boolean, isDistinct = false) => {
    const problem = drawCellProblem(
      ...([numbers, variant.layer(H, bidirectional), variant.step(H)] as const),
      ...([D, lengths, isDistinct] as const),
    );
    return { ...problem, ...(variant.sizeC && { sizeC: variant.sizeC(H) }) };
  };
  const all = Object.entries(variants);

  describe.each(all)('%s', (_, variant) => {
    test.each(sizes)('is the formula, and backward its derivative: D = %i, all H', (D) => {
      for (const H of hiddenSizes) {
        // Either direction, and both: in turn, so that sizes of both kinds meet both.
        const isEven = (D + H) % 2 === 0;
        const { y, gradients } = cellErrors(problemOf(variant, D, H, isEven, isEven !== H % 2 > 0));
        expect(y, `y, H = ${H}`).toBeLessThan(tolerance.forward);
        for (const [name, error] of Object.entries(gradients))
          expect(error, `d ${name}, H = ${H}`).toBeLessThan(tolerance.backward);
      }
    });

    test.each(flags)('predicts the expectation of what it drops, bidirectional %s', (bidirectional) => {
      const problem = problemOf(variant, 5, 9, bidirectional);
      const { run, arena } = runCell(problem, 'predict');
      const twin = twinCell({ ...problem, expected: expectedOf(variant, problem) });
      expect(relativeError(run.y, packSequences(twin.y))).toBeLessThan(tolerance.forward);
      arena.check();
    });

    test.each(flags)('int8 weights are what they stand for, bidirectional %s', (bidirectional) => {
      const [D, H] = [7, 17];
      const problem = problemOf(variant, D, H, bidirectional);
      const specs = problem.layer.parameters(shapeOf(D), 0);
      const quantised = specs.map(({ name, shape }) => {
        if (shape.length === 1)
          return { name, given: problem.parameters[name], shown: problem.parameters[name] };
        const [rows, of] = shape;
        const q = Array.from({ length: rows * of }, () => numbers.int(255) - 127);
        const scales = numbers.floats(rows, 0.001, 0.004);
        return { name, given: { q, scales }, shown: q.map((w, k) => w * scales[Math.floor(k / of)]) };
      });
      const given = Object.fromEntries(quantised.map(({ name, given }) => [name, given]));
      const { run, arena } = runCell(problem, 'predict', given);
      const twin = twinCell({
        ...problem,
        parameters: Object.fromEntries(quantised.map(({ name, shown }) => [name, shown])),
        expected: expectedOf(variant, problem),
      });
      expect(relativeError(run.y, packSequences(twin.y))).toBeLessThan(
        isRelaxed ? TOLERANCE_OF_7_BITS : tolerance.int8,
      );
      expect(run.kernels).toContain('gatesPackQuantised');
      arena.check();
    });

    const [D, H] = [5, 17];
    test.each(flags)('a batch is its sequences one by one, bidirectional %s', (bidirectional) => {
      const problem = problemOf(variant, D, H, bidirectional);
      const rows = (of: CellProblem) => {
        const y = runCell(of, 'predict').run.y;
        return unpackSequences(y, [...of.lengths], y.length / of.x.flat().length);
      };
      const together = rows(problem);
      problem.x.forEach((sequence, b) => {
        const alone = rows({ ...problem, lengths: [sequence.length], x: [sequence] });
        expect(alone[0]).toEqual(together[b]);
      });
    });

    test('a stream is the text in one piece', () => {
      const problem = { ...problemOf(variant, D, H, false), lengths: [6] };
      const text = problem.x.flat().slice(0, 6);
      const whole = runCell({ ...problem, x: [text] }, 'predict').run.y;
      const arena = new Arena();
      const { layer, parameters } = problem;
      const run = new LayerRun(arena, { layer, mode: 'stream', lengths: [1], x: [text[0]], parameters });
      const said = text.flatMap((row, t) => {
        run.enter([row]);
        return [...(t === 0 ? run.forward() : run.forwardOnly()).y];
      });
      expect(said).toEqual([...whole]);
      expect(run.kernels.at(-1)).toBe('lastState');
      arena.check();
    });

    test('a second pass backward doubles the gradients of the parameters', () => {
      const problem = problemOf(variant, D, H, true);
      const dY = packSequences(problem.dY);
      const { run } = runCell(problem);
      run.backward(dY);
      const names = Object.keys(problem.parameters);
      const once = names.map((name) => run.gradientOf(name));
      run.forward().backward(dY);
      names.forEach((name, k) => {
        expect(run.gradientOf(name), name).toEqual(once[k].map((value) => 2 * value));
      });
    });
  });

  test('calls these kernels', () => {
    const problem = problemOf(all[0][1], 3, 5, false, true);
    const { run } = runCell(problem);
    run.backward(packSequences(problem.dY));
    expect(run.kernels).toEqual(kernels);
  });

  test('a bidirectional one cannot stream', () => {
    const problem = { ...problemOf(all[0][1], 3, 5, true), lengths: [1] };
    expect(() => runCell(problem, 'stream')).toThrow('cannot stream');
  });
}

/** The share of each number of the states that zoneout keeps where nothing is drawn. */
function expectedOf({ zoneout = {} }: Variant, { layer, D, sizeC = 0 }: CellProblem): Masks {
  const { reverseFrom } = layer.output(shapeOf(D)) as { reverseFrom: number };
  return {
    keep: new Array<number>(reverseFrom).fill(zoneout.keep ?? 0),
    keepC: new Array<number>(sizeC).fill(zoneout.keepC ?? 0),
  };
}
