import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** The core that main.mjs pinned this process to, if it could. */
const { GATELET_BENCH_CORE: core = 'any' } = process.env;

/** Lets all threads of this process run on every core while something is measured. */
export async function onAllCores<Result>(run: () => Promise<Result>): Promise<Result> {
  if (core === 'any') return run();
  pinTo(`0-${cpus().length - 1}`);
  try {
    return await run();
  } finally {
    pinTo(core);
  }
}

function pinTo(cores: string): void {
  spawnSync('taskset', ['-apc', cores, String(process.pid)], { stdio: 'ignore' });
}
