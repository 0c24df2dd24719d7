// Runs mutants [from, to) in a thread of its own. Says which one is under way, so that whoever started it knows which one
// hangs, or ended it.
import { parentPort, workerData } from 'node:worker_threads';
import { attempt, MAX_BYTES } from './attempt.ts';
import { mutantOf } from './mutants.ts';
import { makeSeeds } from './seeds.ts';

const PAGE_BYTES = 65_536;
/** Of the largest memory since it was last asked. */
let mostBytes = 0;
globalThis.WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(wanted: WebAssembly.MemoryDescriptor) {
    mostBytes = Math.max(mostBytes, wanted.initial * PAGE_BYTES);
    super(wanted);
  }
};

const { from, to, underWay } = workerData as { from: number; to: number; underWay: Int32Array };
const seeds = await makeSeeds();
const counts: Record<string, { refused: number; works: number }> = {};
const findings: string[] = [];
for (let number = from; number < to; number++) {
  Atomics.store(underWay, 0, number);
  const mutant = mutantOf(seeds, number);
  counts[mutant.way] ??= { refused: 0, works: 0 };
  mostBytes = 0;
  const before = process.memoryUsage().arrayBuffers;
  try {
    counts[mutant.way][await attempt(mutant, number)]++;
    if (mostBytes > MAX_BYTES) throw new Error(`a memory of ${mostBytes} bytes`);
    const arrayBytes = process.memoryUsage().arrayBuffers - before; // the heap has a limit of its own
    if (arrayBytes > MAX_BYTES) throw new Error(`arrays of ${arrayBytes} bytes`);
  } catch (error) {
    const { stack } = error as Error;
    findings.push(`mutant ${number}, ${mutant.way} of ${mutant.seed.name}: ${stack?.slice(0, 1500)}`);
    if (findings.length === 20) break;
  }
}
parentPort!.postMessage({ counts, findings });
