import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * From now on the first Ctrl-C (or SIGTERM) aborts, with the exit code as the reason. The second meets no
 * handler and ends the process at once.
 */
export function abortOnInterrupt(controller: AbortController): void {
  const stop = (name: NodeJS.Signals) => {
    for (const each of SIGNALS) process.off(each, stop);
    controller.abort(128 + constants.signals[name]);
  };
  for (const each of SIGNALS) process.on(each, stop);
}
