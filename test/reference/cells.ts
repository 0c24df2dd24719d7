/**
 * Recurrent cells by their formulas, in float64: one step each, and the walk over a sequence. Gradients come from
 * the tape. Written to be read; the kernels are held to it.
 */
import type { Tape, Variable } from './tape.ts';

/** Parameters of one direction by name, flat and dense. */
export type CellParameters = Readonly<Record<string, Variable>>;

/** h, and c where a cell has one. */
export interface CellState {
  readonly h: Variable;
  readonly c?: Variable;
}

/** What training draws for one step of one sequence; without it there is no such dropout. */
export interface Masks {
  /** On h before the products: zeros, and 1 / (1 − rate). */
  readonly mask?: readonly number[];
  /** On the candidate. */
  readonly drop?: readonly number[];
  /** Zoneout of h, of c: the share of each number that stays. */
  readonly keep?: readonly number[];
  readonly keepC?: readonly number[];
}

/** One step of a cell, zoneout aside. */
export type Step = (
  tape: Tape,
  of: CellParameters,
  x: Variable,
  before: CellState,
  masks: Masks,
) => CellState;

const masked = (tape: Tape, x: Variable, mask?: readonly number[]) =>
  mask ? tape.multiply(x, tape.variable(mask)) : x;

/** h = tanh(W_ih·x + b + W_hh·p), or relu */
export const rnnStep =
  (activation: 'tanh' | 'relu'): Step =>
  (tape, { weightIH, weightHH, bias }, x, { h }, { mask }) => {
    const p = masked(tape, h, mask);
    const z = tape.add(bias, tape.product(weightIH, x), tape.product(weightHH, p));
    return { h: tape[activation](z) };
  };

/** h' = z∘h + (1 − z)∘n, rows r | z | n */
export const gruStep =
  (reset: 'before' | 'after'): Step =>
  (tape, of, x, { h }, { mask, drop }) => {
    const H = h.value.length;
    const D = x.value.length;
    const p = masked(tape, h, mask);
    const ih = (g: number) => tape.product(tape.slice(of.weightIH, g * H * D, (g + 1) * H * D), x);
    const hh = (g: number, v: Variable) =>
      tape.product(tape.slice(of.weightHH, g * H * H, (g + 1) * H * H), v);
    const bias = (g: number) => tape.slice(of.bias, g * H, (g + 1) * H);
    const r = tape.sigmoid(tape.add(ih(0), hh(0, p), bias(0)));
    const z = tape.sigmoid(tape.add(ih(1), hh(1, p), bias(1)));
    const fromH =
      reset === 'before' ? hh(2, tape.multiply(r, p)) : tape.multiply(r, tape.add(hh(2, p), of.biasHN));
    const n = masked(tape, tape.tanh(tape.add(ih(2), fromH, bias(2))), drop);
    const back = tape.map(
      [z],
      (v) => 1 - v,
      () => -1,
    );
    return { h: tape.add(tape.multiply(z, h), tape.multiply(back, n)) };
  };

/** What layerNorm() and the normalised cell add to variances. */
const EPSILON = 1e-5;

/**
 * c' = f∘c + i∘g, h' = o∘tanh(c'), rows i | f | g | o; with peepholes, W_hr·h' with a projection, and with gains
 * both products, and c' where tanh sees it, normalised.
 */
export const lstmStep: Step = (tape, of, x, { h, c }, { mask, drop }) => {
  const H = of.bias.value.length / 4;
  const q = c!;
  const p = masked(tape, h, mask);
  const normal = (y: Variable, gain?: Variable) =>
    gain ? tape.multiply(gain, tape.normalise(y, EPSILON)) : y;
  const fromX = normal(tape.product(of.weightIH, x), of.gammaIH);
  const z = tape.add(of.bias, fromX, normal(tape.product(of.weightHH, p), of.gammaHH));
  const gate = (g: number) => tape.slice(z, g * H, (g + 1) * H);
  const peep = (g: number, argument: Variable, state: Variable) =>
    of.peepholes
      ? tape.add(argument, tape.multiply(tape.slice(of.peepholes, g * H, (g + 1) * H), state))
      : argument;
  const i = tape.sigmoid(peep(0, gate(0), q));
  const f = tape.sigmoid(peep(1, gate(1), q));
  const g = masked(tape, tape.tanh(gate(2)), drop);
  const now = tape.add(tape.multiply(f, q), tape.multiply(i, g));
  const o = tape.sigmoid(peep(2, gate(3), now));
  const shown = of.gammaC ? tape.add(normal(now, of.gammaC), of.betaC) : now;
  const r = tape.multiply(o, tape.tanh(shown));
  return { h: of.weightHR ? tape.product(of.weightHR, r) : r, c: now };
};

/** The state moves from h to the candidate by a share. */
const moved = (tape: Tape, h: Variable, candidate: Variable, share: Variable): Variable =>
  tape.map(
    [h, candidate, share],
    (p, q, a) => p + a * (q - p),
    (_p, _q, a) => 1 - a,
    (_p, _q, a) => a,
    (p, q) => q - p,
  );

const projectedGates = (tape: Tape, { weightIH, bias }: CellParameters, x: Variable, H: number) => {
  const z = tape.add(bias, tape.product(weightIH, x));
  return (g: number) => tape.slice(z, g * H, (g + 1) * H);
};

/** h' = h + z∘(ĥ − h), rows z | ĥ */
export const minGruStep: Step = (tape, of, x, { h }) => {
  const gate = projectedGates(tape, of, x, h.value.length);
  return { h: moved(tape, h, gate(1), tape.sigmoid(gate(0))) };
};

/** h' = (f∘h + i∘ĥ)/(f + i), rows f | i | ĥ */
export const minLstmStep: Step = (tape, of, x, { h }) => {
  const gate = projectedGates(tape, of, x, h.value.length);
  const [f, i] = [tape.sigmoid(gate(0)), tape.sigmoid(gate(1))];
  const share = tape.map(
    [f, i],
    (p, q) => q / (p + q),
    (p, q) => -q / (p + q) ** 2,
    (p, q) => p / (p + q) ** 2,
  );
  return { h: moved(tape, h, gate(2), share) };
};

/** Walks one sequence from `initial`; state t stands beside x_t, `reverse` begins at the end. */
export function walkCell(
  tape: Tape,
  step: Step,
  of: CellParameters,
  x: readonly Variable[],
  initial: CellState,
  reverse: boolean,
  masksAt: (t: number) => Masks = () => ({}),
): CellState[] {
  const states = new Array<CellState>(x.length);
  let before = initial;
  for (let s = 0; s < x.length; s++) {
    const t = reverse ? x.length - 1 - s : s;
    const masks = masksAt(t);
    const { h, c } = step(tape, of, x[t], before, masks);
    const zoned = (now: Variable, was: Variable, keep?: readonly number[]) =>
      keep ? tape.mix(now, was, keep) : now;
    before = {
      h: zoned(h, before.h, masks.keep),
      ...(c && { c: zoned(c, before.c!, masks.keepC) }),
    };
    states[t] = before;
  }
  return states;
}
