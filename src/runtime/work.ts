import { kernelsOver } from './kernels.ts';
import { type Line, readyToRun } from './line.ts';
import { DIMENSIONS } from './plan.ts';

/** What a worker is told once: all it needs to run its lines, round after round. */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** What each thread runs over blocks of its own. */
  readonly lines: readonly Line[];
  /** For each stage of the work in common its tasks: each is done once, by whoever is free. */
  readonly stages: readonly (readonly (readonly Line[])[])[];
  readonly dimensions: Float64Array;
  /**
   * [ROUND] counts up when a round begins, [DONE] when a worker has done its part of it. [STAGE] says what the round is of, a
   * stage or OWN, and [NEXT] which of its tasks is to be taken next.
   */
  readonly signals: Int32Array;
}

export const ROUND = 0;
export const DONE = 1;
export const STAGE = 2;
export const NEXT = 3;
export const NUM_SIGNALS = 4;
/** In place of a stage: every thread runs its own lines. */
export const OWN = -1;

const B = DIMENSIONS.indexOf('B');

/** The life of a worker: it waits for a round, does its part, and says so. */
export function work({ module, memory, lines, stages, dimensions, signals }: Job): never {
  const kernels = kernelsOver(module, memory);
  const run = readyToRun(kernels, lines, dimensions);
  const tasks = stages.map((stage) => stage.map((task) => readyToRun(kernels, task, dimensions)));
  for (let round = 0; ; round++) {
    while (Atomics.load(signals, ROUND) === round) Atomics.wait(signals, ROUND, round);
    const stage = Atomics.load(signals, STAGE);
    if (stage !== OWN) takeTasks(tasks[stage], signals);
    // A batch of few rows may leave none for this thread.
    else if (dimensions[B] > 0) run();
    Atomics.add(signals, DONE, 1);
  }
}

/** Takes one task after another until none is left. */
export function takeTasks(tasks: readonly (() => void)[], signals: Int32Array): void {
  for (;;) {
    const next = Atomics.add(signals, NEXT, 1);
    if (next >= tasks.length) return;
    tasks[next]();
  }
}
