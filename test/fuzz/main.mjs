// npm run fuzz -- [--count 100000] [--from 0] [--json]
// Loads mutated model files: each must end in a clear error or a working model, in good time and within its memory.
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { bundled } from '../support/bundle.mjs';

/** Of the processor, so that a busy machine is no hang. Measured: at most 0.3 s, for long texts and networks of 64 MiB. */
const HANG_MS = 10_000;
/** What JavaScript may hold: the seeds, a file and a model. */
const HEAP_MIB = 256;

const options = {
  count: { type: 'string', default: '100000' },
  from: { type: 'string', default: '0' },
  json: { type: 'boolean' },
};
const { count, from, json } = parseArgs({ options }).values;
const begin = performance.now();
const { counts, findings } = await fuzz(Number(from), Number(from) + Number(count));
if (json) console.log(JSON.stringify({ counts, findings }));
else {
  console.table(counts);
  for (const finding of findings) console.error(`${finding}\n`);
  console.log(`${findings.length} findings in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}
process.exit(findings.length > 0 ? 1 : 0);

/**
 * Runs the mutants with numbers [from, to).
 * @returns how many were refused and how many work, by the way they were made, and what was found
 */
async function fuzz(from, to) {
  const script = await bundled('test/fuzz/mutate-and-load.ts');
  const underWay = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  const worker = new Worker(script, {
    workerData: { from, to, underWay },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  let last = -1;
  let since = cpuMs();
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      const now = Atomics.load(underWay, 0);
      if (now !== last) [last, since] = [now, cpuMs()];
      else if (cpuMs() - since > HANG_MS) end({ findings: [`mutant ${now} hangs`] });
    }, 100);
    const end = (said) => {
      clearInterval(watch);
      resolve({ counts: {}, ...said });
    };
    worker.once('message', end);
    worker.once('error', ({ message }) => end({ findings: [`mutant ${underWay[0]}: ${message}`] }));
  });
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
