/**
 * The LSTM with batch norms, in float64: all texts of a batch walk together, step by step. Gradients come from the tape.
 */
import type { CellParameters } from './cells.ts';
import type { Tape, Variable } from './tape.ts';

const EPSILON = 1e-5;

/** How the recurrence is normalised at each step; null: not at all. */
export interface Recurrence {
  /** Steps with statistics of their own. */
  readonly S: number;
  /** Running ones, [S][5·H] of W_hh·h and of c, and how far each step's have come. */
  readonly mean: readonly (readonly number[])[];
  readonly variance: readonly (readonly number[])[];
  readonly seen: readonly number[];
  /** Whether a step may take its statistics from the batch. */
  readonly train: boolean;
}

/** The running mean and variance that step t goes by. */
export function runningAt({ S, mean, variance, seen }: Recurrence, t: number) {
  let s = Math.min(t, S - 1);
  while (s >= 0 && seen[s] === 0) s--;
  if (s < 0) return { mean: mean[0].map(() => 0), variance: mean[0].map(() => 1 - EPSILON) };
  return { mean: mean[s].map((v) => v / seen[s]), variance: variance[s].map((v) => v / seen[s]) };
}

/** @returns h of each text at each of its steps; `reverse` without a recurrence alone */
export function batchLstm(
  tape: Tape,
  of: CellParameters,
  x: readonly (readonly Variable[])[],
  fromInput: (rows: Variable[]) => Variable[],
  recurrence: Recurrence | null,
  reverse = false,
): Variable[][] {
  const H = of.bias.value.length / 4;
  const rows = fromInput(x.flatMap((text) => text.map((row) => tape.product(of.weightIH, row))));
  const fromX = x.map((text) => rows.splice(0, text.length).map((row) => tape.multiply(of.gammaIH, row)));
  const zero = () => tape.variable(new Array<number>(H).fill(0));
  const states = x.map(() => ({ h: zero(), c: zero() }));
  const y = x.map((text) => new Array<Variable>(text.length));
  const longest = Math.max(...x.map(({ length }) => length));
  for (let s = 0; s < longest; s++) {
    const there = x.flatMap((text, b) => (s < text.length ? [b] : []));
    const norm = (values: Variable[], from: number) => {
      if (!recurrence) return values;
      if (recurrence.train && there.length > 1 && s < recurrence.S)
        return tape.normaliseTogether(values, EPSILON);
      const { mean, variance } = runningAt(recurrence, s);
      const slope = (k: number) => 1 / Math.sqrt(variance[from + k] + EPSILON);
      return values.map((v) => {
        const k = tape.variable(v.value.map((_, at) => at));
        return tape.map(
          [v, k],
          (a, at) => (a - mean[from + at]) * slope(at),
          (_, at) => slope(at),
          () => 0,
        );
      });
    };
    const fromH = norm(
      there.map((b) => tape.product(of.weightHH, states[b].h)),
      0,
    );
    const next = there.map((b, i) => {
      const t = reverse ? x[b].length - 1 - s : s;
      const own = of.gammaHH ? tape.multiply(of.gammaHH, fromH[i]) : fromH[i];
      const z = tape.add(of.bias, fromX[b][t], own);
      const gate = (g: number) => tape.slice(z, g * H, (g + 1) * H);
      const keep = tape.multiply(tape.sigmoid(gate(1)), states[b].c);
      const c = tape.add(keep, tape.multiply(tape.sigmoid(gate(0)), tape.tanh(gate(2))));
      return { t, c, o: tape.sigmoid(gate(3)) };
    });
    const shown = norm(
      next.map(({ c }) => c),
      4 * H,
    );
    there.forEach((b, i) => {
      const { t, c, o } = next[i];
      const inner = of.gammaC ? tape.add(tape.multiply(of.gammaC, shown[i]), of.betaC) : shown[i];
      states[b] = { c, h: tape.multiply(o, tape.tanh(inner)) };
      y[b][t] = states[b].h;
    });
  }
  return y;
}

/** Batch norm of the input's products over all words. */
export const overBatch =
  (tape: Tape) =>
  (rows: Variable[]): Variable[] =>
    tape.normaliseTogether(rows, EPSILON);

/** The same by running statistics. */
export const byRunning =
  (tape: Tape, mean: readonly number[], variance: readonly number[]) =>
  (rows: Variable[]): Variable[] =>
    rows.map((row) => {
      const off = tape.add(row, tape.variable(mean.map((v) => -v)));
      return tape.multiply(off, tape.variable(variance.map((v) => 1 / Math.sqrt(v + EPSILON))));
    });
