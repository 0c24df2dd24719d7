/**
 * How a time is taken.
 *
 * A machine's speed swings, up to twofold within a second where a neighbour shares the core. So what is measured
 * is cut into slices that alternate with slices, equally long, of a kernel that only multiplies and adds
 * (probe.as.ts), and both are judged by the same low quantile of their times: equally long slices have an equal
 * chance of a quiet moment, and in a quiet moment the ratio of the two is the machine's own. A quantile rather than
 * the minimum: one slice in a momentary boost of the clock would set a peak that nothing else could meet.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Build } from '../src/runtime/kernels.ts';
import { type Measurement, round } from './rows.ts';

/** How long to measure. */
export interface Effort {
  /** A call shorter than this is repeated. */
  readonly sliceMs: number;
  /** Budget of each measurement, the slices of the peak kernel included. */
  readonly totalMs: number;
  readonly minSlices: number;
  readonly warmMs: number;
  /** Fresh processes where each start counts, turns where several take turns. */
  readonly rounds: number;
}

export const FULL: Effort = { sliceMs: 2, totalMs: 2500, minSlices: 30, warmMs: 300, rounds: 15 };
/** Enough to see that everything runs, not what it takes. */
export const QUICK: Effort = { sliceMs: 0, totalMs: 0, minSlices: 1, warmMs: 0, rounds: 1 };

/** Of the sorted slices, the one that counts. */
const QUANTILE = 0.1;
const METHOD =
  'slices alternate with equally long slices of a multiply-add kernel in registers; ' +
  'values compare the 10th percentiles of both, median and best compare theirs';

/** Rounds of a call of the probe's multiplyAdd, some 30 µs. */
const PEAK_ROUNDS = 5000;

/** Exports of probe.as.ts. */
export interface Probe {
  /** Flop of a round of multiplyAdd. */
  flopOfRound(): number;
  multiplyAdd(rounds: number, factor: number, term: number): number;
  expAll(y: number, x: number, count: number): void;
  sigmoidAll(y: number, x: number, count: number): void;
  tanhAll(y: number, x: number, count: number): void;
  logAll(y: number, x: number, count: number): void;
}

/** The probe's functions over one memory, compiled in one of the ways in which the kernels are. */
export function probeOver(memory: WebAssembly.Memory, build: Build): Probe {
  const bytes = readFileSync(new URL(`./probe-${build}.wasm`, import.meta.url));
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Probe;
}

/** One number for each way of judging the slices. */
export interface Judged {
  readonly quantile: number;
  readonly median: number;
  readonly best: number;
}

/** Times of a call, and the peak while it was measured. */
export interface Timing {
  readonly ms: Judged;
  /** GFLOP/s of the multiply-add kernel. */
  readonly peak: Judged;
  readonly slices: number;
}

/** A way of timing calls beside the peak kernel of the same build. */
export class Meter {
  readonly effort: Effort;
  readonly build: Build;
  readonly #probe: Probe;

  constructor(effort: Effort, build: Build) {
    this.effort = effort;
    this.build = build;
    this.#probe = probeOver(new WebAssembly.Memory({ initial: 1 }), build);
  }

  /** A row's name, which tells the relaxed build from the plain one. */
  name(name: string): string {
    return this.build === 'plain' ? name : `${name}, ${this.build}`;
  }

  /** @param run what to time; a promise is waited for */
  async time(run: () => void | Promise<void>): Promise<Timing> {
    const { sliceMs, totalMs, minSlices, warmMs } = this.effort;
    // The engine compiles in the background; until it is done, code runs at half speed and less.
    const warmEnd = performance.now() + warmMs;
    while (performance.now() < warmEnd) await run();
    const repeats = await repeatsFor(run, sliceMs);
    const times: number[] = [];
    const peaks: number[] = [];
    const end = performance.now() + totalMs;
    while (times.length < minSlices || performance.now() < end) {
      const slice = await timeOf(run, repeats);
      times.push(slice / repeats);
      peaks.push(this.#peakOver(slice));
    }
    return { ms: judge(times), peak: judge(peaks, -1), slices: times.length };
  }

  /** The peak beside itself, and all there is to say of the machine and the method. */
  async peakRow(): Promise<Measurement> {
    const { peak, slices } = await this.time(() => void this.#peakOver(0));
    return {
      name: this.name('calibrated peak'),
      value: round(peak.quantile),
      unit: 'GFLOP/s',
      better: 'higher',
      median: round(peak.median),
      best: round(peak.best),
      slices,
      method: METHOD,
      cpu: cpus()[0]?.model ?? 'unknown',
      core: process.env.GATELET_BENCH_CORE ?? 'any',
      node: process.version,
      date: new Date().toISOString().slice(0, 10),
    };
  }

  /** GFLOP/s of the peak kernel over a slice of so many milliseconds, or the shortest there is. */
  #peakOver(ms: number): number {
    const start = performance.now();
    for (let calls = 1; ; calls++) {
      this.#probe.multiplyAdd(PEAK_ROUNDS, 1, 0); // 1·1 and 0 + 0, for ever
      const time = performance.now() - start;
      if (time >= ms) return (calls * PEAK_ROUNDS * this.#probe.flopOfRound() * 1e-6) / time;
    }
  }
}

/** Share of the peak that `flop` operations in that time are, in %, and the numbers behind it. */
export function shareOfPeak({ ms, peak, slices }: Timing, flop: number) {
  const speed = (time: number) => (flop * 1e-6) / time;
  return {
    value: round((100 * speed(ms.quantile)) / peak.quantile),
    median: round((100 * speed(ms.median)) / peak.median),
    best: round((100 * speed(ms.best)) / peak.best),
    gflops: round(speed(ms.quantile)),
    peakGflops: round(peak.quantile),
    ms: round(ms.quantile),
    slices,
  };
}

/** How often to repeat a call that a slice may last so long. */
async function repeatsFor(run: () => void | Promise<void>, ms: number): Promise<number> {
  if (ms === 0) return 1;
  for (let repeats = 1; ; repeats *= 2) {
    // Long only once: disturbed.
    if ((await timeOf(run, repeats)) >= ms && (await timeOf(run, repeats)) >= ms) return repeats;
  }
}

async function timeOf(run: () => void | Promise<void>, repeats: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) {
    const done = run();
    if (done) await done;
  }
  return performance.now() - start;
}

/** Fastest first: times ascend, and speeds, told by a negative direction, descend. */
function judge(values: readonly number[], direction: 1 | -1 = 1): Judged {
  const sorted = [...values].sort((a, b) => direction * (a - b));
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return { quantile: at(QUANTILE), median: at(0.5), best: at(0) };
}
