/** How long work may keep the thread before others get a turn: Ctrl-C, clicks, requests. */
const SLICE_MS = 40;

/** Lets other work of the thread run now and then. */
export class Breather {
  #last = performance.now();

  /** Waits for a turn of the event loop if the last was long ago. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#last < SLICE_MS) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    this.#last = performance.now();
  }
}
