import { startThread } from '#threads';
import type { Machine } from './machine.ts';
import type { KernelCall, Stage } from './plan.ts';
import { DONE, NEXT, NUM_SIGNALS, OWN, ROUND, STAGE, takeTasks } from './work.ts';

/** How long to look for the others without letting go of this thread. */
const SPIN_MS = 1;

/** A thread of a team has ended, and with it the work of all. */
export class ThreadEnded extends Error {}

/** The other threads of a machine: each runs the same calls as the first, over blocks of its own, and takes tasks of work in common. */
export interface Team {
  /** Sets the others off, each over its own blocks; what the round reads must be in place. */
  begin(): void;
  /** Waits until the others are done. @throws ThreadEnded when one of them never will be */
  end(): Promise<void>;
  /** Does the tasks of a stage together. @throws ThreadEnded when a thread has ended meanwhile */
  work(stage: number): Promise<void>;
  /** Ends the threads. */
  stop(): void;
}

/**
 * Starts the threads.
 * @param module the one that the machine was made with
 * @param calls of a round over own blocks
 * @param stages of the work in common
 */
export function startTeam(
  module: WebAssembly.Module,
  { memory, others, program }: Machine,
  calls: readonly KernelCall[],
  stages: readonly Stage[] = [],
): Team {
  const signals = new Int32Array(new SharedArrayBuffer(4 * NUM_SIGNALS));
  const programs = stages.map((tasks) => tasks.map((task) => program(task)));
  /** Why threads have ended, by their numbers. */
  const ended = new Map<number, string>();
  const stops = others.map(({ lines, dimensions }, i) =>
    startThread(
      {
        module,
        memory,
        lines: lines(calls),
        stages: stages.map((tasks) => tasks.map((task) => lines(task))),
        dimensions,
        signals,
      },
      (reason) => {
        if (!ended.has(i)) ended.set(i, reason);
      },
    ),
  );
  const numDone = () => Atomics.load(signals, DONE);

  const begin = (stage: number) => {
    Atomics.store(signals, DONE, 0);
    Atomics.store(signals, STAGE, stage);
    Atomics.store(signals, NEXT, 0);
    Atomics.add(signals, ROUND, 1);
    Atomics.notify(signals, ROUND);
  };

  const end = async () => {
    for (;;) {
      const until = performance.now() + SPIN_MS;
      do {
        if (numDone() === stops.length) return;
      } while (performance.now() < until);
      await new Promise<void>((resolve) => setTimeout(resolve, 0)); // news of an end needs a turn
      const [reason] = ended.values();
      // Those that have not ended do their part first.
      if (reason !== undefined && numDone() >= stops.length - ended.size) throw new ThreadEnded(reason);
    }
  };

  return {
    begin: () => begin(OWN),
    end,
    work(stage) {
      begin(stage);
      takeTasks(programs[stage], signals);
      return end();
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}
