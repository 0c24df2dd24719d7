import type { Matrix } from '../reference/lstm.ts';
import type { Arena, testNumbers } from './arena.ts';

/** Int8 weights with their scales: as numbers, and as the pointers that kernels take. */
export interface QuantisedWeights {
  readonly q: Matrix;
  readonly scales: Float32Array;
  /** What they stand for. */
  readonly weight: Matrix;
  readonly pointers: readonly [number, number];
}

/** Draws int8 weights [rows, columns] from −128 to 127, with scales that make them about as large as trained ones. */
export function putQuantised(
  arena: Arena,
  numbers: ReturnType<typeof testNumbers>,
  rows: number,
  columns: number,
): QuantisedWeights {
  const q = Array.from({ length: rows }, () => Array.from({ length: columns }, () => numbers.int(256) - 128));
  const scales = numbers.floats(rows, 0.001, 0.01);
  const weight = q.map((row, r) => row.map((value) => value * scales[r]));
  return { q, scales, weight, pointers: [arena.putIntegers8(q.flat()), arena.putFloats(scales)] };
}
