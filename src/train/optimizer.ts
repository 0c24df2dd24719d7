import type { Kernels } from '../runtime/kernels.ts';

/** How gradients move parameters: one kernel over a flat block. Made by adam() or sgd(). */
export interface Optimizer {
  readonly kind: string;
  readonly options: Readonly<Record<string, number>>;
  /** Numbers kept for each parameter, all zero at the start. */
  readonly moments: number;
  /** Called once for each optimiser step: what the kernel needs beside the block. */
  begin(step: OptimizerStep): void;
  /**
   * Moves `count` parameters. All pointers are byte offsets.
   * @param moment where the block's first moment lies; the others follow `momentBytes` apart
   */
  move(
    kernels: Kernels,
    parameters: number,
    gradients: number,
    moment: number,
    momentBytes: number,
    count: number,
  ): void;
}

/** One optimiser step. */
export interface OptimizerStep {
  /** Counted from 1. */
  readonly step: number;
  /** After the schedule. */
  readonly learningRate: number;
  /** Multiplies every gradient: below 1 where the global norm was clipped. */
  readonly gradientScale: number;
}

/** x^n by repeated squaring: the same bits on every engine, unlike Math.pow. */
export function power(x: number, n: number): number {
  let result = 1;
  for (let square = x; n > 0; n = Math.floor(n / 2), square *= square) if (n % 2 === 1) result *= square;
  return result;
}
