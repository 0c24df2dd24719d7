import type { Matrix } from '../reference/lstm.ts';
import type { testNumbers } from './arena.ts';

type Numbers = ReturnType<typeof testNumbers>;

/** Rows of numbers in [-scale, scale), exact in f32, for a twin to compute with. */
export const drawMatrix = (numbers: Numbers, rows: number, columns: number, scale = 1): Matrix =>
  Array.from({ length: rows }, () => [...numbers.floats(columns, -scale, scale)]);

/** Sequences [b][t][C], longest first, as the dense rows [N,C] of a packed batch: all of step 0, all of step 1, … */
export const packSequences = (sequences: Matrix[]): number[] =>
  sequences[0].flatMap((_, t) => sequences.filter((sequence) => t < sequence.length).flatMap((s) => s[t]));

/** How many of the sequences, longest first, are alive at each step. */
export const stepsOf = (lengths: number[]): number[] =>
  Array.from({ length: lengths[0] }, (_, t) => lengths.filter((length) => t < length).length);

/** Dense rows [N,C] of a packed batch as the sequences [b][t][C] they came from. */
export const unpackSequences = (rows: Float32Array, lengths: number[], C: number): Matrix[] => {
  const steps = stepsOf(lengths);
  const start = steps.map((_, t) => steps.slice(0, t).reduce((sum, alive) => sum + alive, 0));
  return lengths.map((length, b) =>
    Array.from({ length }, (_, t) => [...rows.subarray((start[t] + b) * C, (start[t] + b + 1) * C)]),
  );
};
