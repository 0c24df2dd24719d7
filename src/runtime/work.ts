import { kernelsOver } from './kernels.ts';
import { type Line, readyToRun } from './line.ts';
import { DIMENSIONS } from './plan.ts';

/** What a worker is told once: all it needs to run its lines, round after round. */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly lines: readonly Line[];
  readonly dimensions: Float64Array;
  /** [ROUND] counts up when a round begins, [DONE] when a worker has done its part of it. */
  readonly signals: Int32Array;
}

export const ROUND = 0;
export const DONE = 1;
export const NUM_SIGNALS = 2;

const B = DIMENSIONS.indexOf('B');

/** The life of a worker: it waits for a round, runs its lines, and says so. */
export function work({ module, memory, lines, dimensions, signals }: Job): never {
  const run = readyToRun(kernelsOver(module, memory), lines, dimensions);
  for (let round = 0; ; round++) {
    while (Atomics.load(signals, ROUND) === round) Atomics.wait(signals, ROUND, round);
    // A batch of few rows may leave none for this thread.
    if (dimensions[B] > 0) run();
    Atomics.add(signals, DONE, 1);
  }
}
