import { startThread } from '#threads';
import type { Machine, Program } from './machine.ts';
import type { KernelCall, Stage } from './plan.ts';
import { DONE, NEXT, NUM_SIGNALS, OWN, ROUND, STAGE, takeTasks } from './work.ts';

/** How long to look for the others without letting go of this thread. */
const SPIN_MS = 1;

/** A thread of a team has ended, and with it the work of all. */
export class ThreadEnded extends Error {}

/** The other threads of a machine: each runs the same calls as the first, over blocks of its own, and takes tasks of work in common. */
export class Team {
  readonly #signals = new Int32Array(new SharedArrayBuffer(4 * NUM_SIGNALS));
  readonly #stages: readonly (readonly Program[])[];
  readonly #stops: readonly (() => void)[];
  /** Why threads have ended, by their numbers. */
  readonly #ended = new Map<number, string>();

  /**
   * @param module the one that the machine was made with
   * @param calls of a round over own blocks
   * @param stages of the work in common
   */
  constructor(
    module: WebAssembly.Module,
    machine: Machine,
    calls: readonly KernelCall[],
    stages: readonly Stage[] = [],
  ) {
    this.#stages = stages.map((tasks) => tasks.map((task) => machine.program(task)));
    this.#stops = machine.others.map((view, i) =>
      startThread(
        {
          module,
          memory: machine.memory,
          lines: view.lines(calls),
          stages: stages.map((tasks) => tasks.map((task) => view.lines(task))),
          dimensions: view.dimensions,
          signals: this.#signals,
        },
        (reason) => {
          if (!this.#ended.has(i)) this.#ended.set(i, reason);
        },
      ),
    );
  }

  /** Sets the others off, each over its own blocks; what the round reads must be in place. */
  begin(): void {
    this.#begin(OWN);
  }

  /** Waits until the others are done. @throws ThreadEnded when one of them never will be */
  async end(): Promise<void> {
    for (;;) {
      const until = performance.now() + SPIN_MS;
      do {
        if (Atomics.load(this.#signals, DONE) === this.#stops.length) return;
      } while (performance.now() < until);
      await new Promise<void>((resolve) => setTimeout(resolve, 0)); // news of an end needs a turn
      const [reason] = this.#ended.values();
      if (reason !== undefined && this.#areOthersDone) throw new ThreadEnded(reason);
    }
  }

  /** Does the tasks of a stage together. @throws ThreadEnded when a thread has ended meanwhile */
  share(stage: number): Promise<void> {
    this.#begin(stage);
    takeTasks(this.#stages[stage], this.#signals);
    return this.end();
  }

  /** Ends the threads. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** Whether those that have not ended have done their part. */
  get #areOthersDone(): boolean {
    return Atomics.load(this.#signals, DONE) >= this.#stops.length - this.#ended.size;
  }

  #begin(stage: number): void {
    Atomics.store(this.#signals, DONE, 0);
    Atomics.store(this.#signals, STAGE, stage);
    Atomics.store(this.#signals, NEXT, 0);
    Atomics.add(this.#signals, ROUND, 1);
    Atomics.notify(this.#signals, ROUND);
  }
}
