/** Mixing over the graph of one text's words in float64, with the whole matrix Â: rows x [L][C], words [L]. */
import type { Matrix, Vector } from './lstm.ts';

/** What each place of a text receives of each other: [L][L]. */
export function graphWeights(words: readonly number[], window: number): Matrix {
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

export const graphForward = (x: Matrix, words: readonly number[], window: number): Matrix =>
  graphWeights(words, window).map((row) =>
    x[0].map((_, j) => row.reduce((sum, weight, s) => sum + weight * x[s][j], 0)),
  );

export const graphBackward = (dY: Matrix, words: readonly number[], window: number): Matrix => {
  const weights = graphWeights(words, window);
  return words.map((_, s) =>
    dY[0].map((_, j) => dY.reduce((sum, row, t) => sum + weights[t][s] * row[j], 0)),
  );
};
