import { loadSharedModule, noThreads } from '#threads';
import { buildOf } from '../runtime/builds.ts';
import { GateletError, UsageError } from '../runtime/errors.ts';
import { onlyKnown, wholeNumber } from '../runtime/options.ts';
import { startTeam, ThreadEnded } from '../runtime/team.ts';
import type { Model } from './model.ts';
import type { Head } from './network-plan.ts';
import { manyTexts, type Runner, runnerOf } from './runner.ts';

/** How a function over many texts may share the work. */
export interface ThreadOptions {
  /** Threads, this one included. */
  readonly threads: number;
}

const MOST_THREADS = 64;

/** How many threads are asked for. @throws UsageError when that is no such number, or there can be none */
export function threadsOf(what: string, options: ThreadOptions): number {
  onlyKnown(what, options, ['threads']);
  const threads = wholeNumber('threads', options.threads, 1, MOST_THREADS);
  const cause = threads > 1 ? noThreads() : undefined;
  if (cause === undefined) return threads;
  throw new UsageError('threads', { expected: '1 here', got: String(threads), cause });
}

/** Several threads that run a model over batches of texts, each over its own. */
export interface Crew<Outcome> {
  readonly runner: Runner<Outcome>;
  /** Runs every thread over the batch that it was given. @throws GateletError when one of them has ended */
  forward(): Promise<void>;
  /** Ends the threads. */
  stop(): void;
}

/** Starts the threads, over a memory of their own that they share. They round as the model does by itself. */
export async function startCrew<Outcome>(
  model: Model,
  head: Head<Outcome>,
  threads: number,
): Promise<Crew<Outcome>> {
  const { config, vocabulary, modules } = model;
  const module = await loadSharedModule(buildOf(modules.fast));
  const runner = runnerOf(module, config, vocabulary, manyTexts(config), head, threads);
  const { machine, calls, take, forward } = runner.network;
  take(model);
  // Each thread packs the weights for itself, so with every batch anew: a hundredth of the batch's time.
  const { begin, end, stop } = startTeam(module, machine, [...calls.prepare, ...calls.forward]);
  return {
    runner,
    async forward() {
      begin();
      forward();
      try {
        await end();
      } catch (error) {
        if (!(error instanceof ThreadEnded)) throw error;
        throw new GateletError(`a thread ended: ${error.message}`, {
          cause: 'Use fewer threads if memory is short.',
        });
      }
    },
    stop,
  };
}
