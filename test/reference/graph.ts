/** Mixing over the graph of one text's words in float64, with the whole matrix Â [L][L]: rows x [L][C], words [L]. */
import type { Matrix, Vector } from './lstm.ts';

/** What each place of a text receives of each other over a window. */
export function windowWeights(words: readonly number[], window: number): Matrix {
  const nodes = [...new Set(words)];
  const A = nodes.map((u): Vector => nodes.map((v) => (u === v ? 1 : 0)));
  words.forEach((u, t) => {
    words.forEach((v, s) => {
      if (s !== t && Math.abs(s - t) <= window) A[nodes.indexOf(u)][nodes.indexOf(v)]++;
    });
  });
  const degrees = A.map((row) => row.reduce((a, b) => a + b, 0));
  return words.map((u) =>
    words.map((v) => {
      const [i, j] = [nodes.indexOf(u), nodes.indexOf(v)];
      const places = words.filter((word) => word === v).length;
      return A[i][j] / Math.sqrt(degrees[i] * degrees[j]) / places;
    }),
  );
}

/** The same over given edges, pairs of places. */
export function edgeWeights(length: number, edges: readonly (readonly number[])[]): Matrix {
  const places = Array.from({ length }, (_, t) => t);
  const hasEdge = (t: number, s: number) =>
    t === s || edges.some((edge) => edge.includes(t) && edge.includes(s));
  const A = places.map((t) => places.map((s) => (hasEdge(t, s) ? 1 : 0) as number));
  const degrees = A.map((row) => row.reduce((a, b) => a + b, 0));
  return A.map((row, t) => row.map((a, s) => a / Math.sqrt(degrees[t] * degrees[s])));
}

export const graphForward = (weights: Matrix, x: Matrix): Matrix =>
  weights.map((row) => x[0].map((_, j) => row.reduce((sum, weight, s) => sum + weight * x[s][j], 0)));

export const graphBackward = (weights: Matrix, dY: Matrix): Matrix =>
  weights.map((_, s) => dY[0].map((_, j) => dY.reduce((sum, row, t) => sum + weights[t][s] * row[j], 0)));
