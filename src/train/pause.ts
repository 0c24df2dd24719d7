/** How long work may keep the thread before others get a turn: Ctrl-C, clicks, requests. */
const SLICE_MS = 40;

/** A function that lets other work of the thread run if the last turn of the event loop was long ago. */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < SLICE_MS) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
