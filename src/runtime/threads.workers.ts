import { UsageError } from './errors.ts';

const reason = 'Edge workers start no threads.';

/** Why there can be no threads: the door for edge workers. */
export function noThreads(): string {
  return reason;
}

/** @throws UsageError whoever calls it: noThreads() said why */
export async function loadSharedModule(): Promise<never> {
  throw new UsageError(reason);
}

/** @throws UsageError likewise */
export function startThread(): never {
  throw new UsageError(reason);
}
