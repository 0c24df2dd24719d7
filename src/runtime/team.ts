import { startThread } from '#threads';
import type { Machine } from './machine.ts';
import type { KernelCall } from './plan.ts';
import { DONE, NUM_SIGNALS, ROUND } from './work.ts';

/** How long to look for the others without letting go of this thread. */
const SPIN_MS = 1;

/** A thread of a team has ended, and with it the work of all. */
export class ThreadEnded extends Error {}

/** The other threads of a machine: each runs the same calls as the first, over blocks of its own. */
export class Team {
  readonly #signals = new Int32Array(new SharedArrayBuffer(4 * NUM_SIGNALS));
  readonly #stops: readonly (() => void)[];
  #ended: string | undefined;

  /**
   * @param module the one that the machine was made with
   * @param calls of one round
   */
  constructor(module: WebAssembly.Module, { memory, others }: Machine, calls: readonly KernelCall[]) {
    const onEnd = (reason: string) => {
      this.#ended ??= reason;
    };
    this.#stops = others.map((view) => {
      const { dimensions } = view;
      const job = { module, memory, lines: view.lines(calls), dimensions, signals: this.#signals };
      return startThread(job, onEnd);
    });
  }

  /** Sets the others off; what the round reads must be in place. */
  begin(): void {
    Atomics.store(this.#signals, DONE, 0);
    Atomics.add(this.#signals, ROUND, 1);
    Atomics.notify(this.#signals, ROUND);
  }

  /** Waits until the others are done. @throws ThreadEnded when one of them never will be */
  async end(): Promise<void> {
    for (;;) {
      const until = performance.now() + SPIN_MS;
      do {
        if (Atomics.load(this.#signals, DONE) === this.#stops.length) return;
      } while (performance.now() < until);
      if (this.#ended !== undefined) throw new ThreadEnded(this.#ended);
      await new Promise<void>((resolve) => setTimeout(resolve, 0)); // news of an end needs a turn
    }
  }

  /** Ends the threads. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }
}
