/** Telling the right word among those of a batch, by its definition, in float64. */
import { softmax } from './loss.ts';
import type { Matrix } from './lstm.ts';

/** guesses q [N][E] against words x [U][E]; a target of −1 does not count. */
export function wordCrossEntropy(q: Matrix, x: Matrix, targets: number[], scale: number) {
  const dQ = q.map((row) => row.map(() => 0));
  const dX = x.map((row) => row.map(() => 0));
  const best: number[] = [];
  let loss = 0;
  q.forEach((guess, n) => {
    const scores = x.map((word) => word.reduce((sum, value, e) => sum + value * guess[e], 0));
    best.push(scores.indexOf(Math.max(...scores)));
    if (targets[n] < 0) return;
    const p = softmax(scores);
    loss -= scale * Math.log(p[targets[n]]);
    p.forEach((share, u) => {
      const d = scale * (share - (u === targets[n] ? 1 : 0));
      guess.forEach((_, e) => {
        dQ[n][e] += d * x[u][e];
        dX[u][e] += d * guess[e];
      });
    });
  });
  return { loss, dQ, dX, best };
}
