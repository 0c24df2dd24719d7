/** Embedding of bags in float64: a token is the mean of its bag's rows of the table, an empty bag zero. */
import type { Matrix } from './lstm.ts';

export const embeddingForward = (table: Matrix, bags: number[][]): Matrix =>
  bags.map((bag) => table[0].map((_, j) => bag.reduce((sum, id) => sum + table[id][j] / bag.length, 0)));

/** The gradient of the table [V,E]. */
export const embeddingBackward = (dX: Matrix, bags: number[][], V: number): Matrix =>
  Array.from({ length: V }, (_, id) =>
    dX[0].map((_, j) =>
      bags.reduce(
        (sum, bag, u) => sum + (dX[u][j] * bag.filter((s) => s === id).length) / (bag.length || 1),
        0,
      ),
    ),
  );
