// serve.mjs LIBRARY FOLDER TASK SETTINGS: one library in a process of its own, which times itself.
// A line on standard input asks for calls, a line on standard output answers. torch_peer.py speaks the same language.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Build } from '../src/runtime/kernels.ts';
import type { Asked, Opened, Timed } from './contestant.ts';

/** What a contestant is told beside its task. */
export interface Settings {
  readonly threads: number;
  /** What only gatelet has. */
  readonly build: Build;
  readonly weights: 'f32' | 'int8';
  /** Whether it warms up before its first answer. */
  readonly warm: boolean;
  /** What only PyTorch has: instructions its products are kept from. */
  readonly without?: 'AVX-512';
}

/** `count` rows from row `from` on: their probabilities, or the loss of one training step. */
export type Run = (from: number, count: number) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Starts from bytes in memory. */
export type Prepared = () => Promise<Run>;

/** What a library's file exports. */
export interface Library {
  readonly version: string;
  /** Reads what it needs. */
  prepare(folder: string, task: string, settings: Settings): Promise<Prepared>;
}

const [, , library, folder, task, settings] = process.argv;
const { version, prepare }: Library = await import(pathToFileURL(library).href);
const open = await prepare(folder, task, JSON.parse(settings));
// What reading files has left behind is not for the library's time: V8 sweeps the youngest MiB when it is full, for 0.9 ms.
if (task === 'predict') globalThis.gc?.({ type: 'minor' });
const [used, start] = [process.cpuUsage(), performance.now()];
const run = await open();
const first = Array.from(await run(0, task === 'train' ? 32 : 1));
const firstMs = performance.now() - start;
answer({ version, firstMs, cpuMs: cpuSince(used), outputs: first } satisfies Opened);

for await (const line of createInterface({ input: process.stdin })) {
  const { from, count, calls, ms, rows }: Asked = JSON.parse(line);
  const times: number[] = [];
  let last: ArrayLike<number> = [];
  const cpu = process.cpuUsage();
  const end = performance.now() + ms;
  while (times.length < calls || performance.now() < end) {
    const row = (from + times.length * count) % rows;
    const before = performance.now();
    last = await run(row, count);
    times.push(performance.now() - before);
  }
  answer({ times, cpuMs: cpuSince(cpu), outputs: Array.from(last) } satisfies Timed);
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function answer(line: Opened | Timed): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
