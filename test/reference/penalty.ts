import type { Matrix } from './lstm.ts';

/** activation·mean x² + change·mean (x_t − x_{t−1})², both over all numbers there are, in float64. */
export function penaltyLoss(x: Matrix[], activation: number, change: number): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
  const changes = x.flatMap((sequence) =>
    sequence.slice(1).flatMap((row, t) => row.map((value, k) => value - sequence[t][k])),
  );
  return activation * mean(x.flat(2)) + change * mean(changes);
}
