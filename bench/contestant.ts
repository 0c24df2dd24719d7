// The near end of a process that serve.ts or torch_peer.py runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { relaxedFlags } from './relaxed.ts';
import type { Settings } from './serve.ts';

/** What a process says first. */
export interface Opened {
  readonly version: string;
  /** From code and model bytes in memory to the first answer, and how much of the processor that took. */
  readonly firstMs: number;
  readonly cpuMs: number;
  readonly outputs: number[];
}

/** Calls of `count` rows each, from row `from` of `rows` on, at least so many and for at least so long. */
export interface Asked {
  readonly from: number;
  readonly count: number;
  readonly calls: number;
  readonly ms: number;
  readonly rows: number;
}

/** How long each call took, in ms, what processor time all of them took, and what the last one gave. */
export interface Timed {
  readonly times: number[];
  readonly cpuMs: number;
  readonly outputs: number[];
}

export type Task = 'train' | 'predict';

/** Who takes part: a library, and what it is told. */
export interface Entrant {
  /** As its rows name it. */
  readonly name: string;
  readonly library: 'gatelet' | 'gatelet-infer' | 'onnxruntime-node' | 'onnxruntime-web' | 'tfjs' | 'PyTorch';
  readonly settings: Settings;
  /** How far its outputs may be from the first one's. */
  readonly tolerance: number;
}

/** Whether a library is of this package. */
export const isOurs = (library: Entrant['library']): boolean => library.startsWith('gatelet');

/** PyTorch's threads are OpenMP's: with this OpenBLAS its products take the same ones, with the other each its own. */
const OPENMP_BLAS = '/usr/lib/x86_64-linux-gnu/openblas-openmp';

/** A library at work in a process of its own. */
export class Contestant {
  readonly entrant: Entrant;
  readonly opened: Opened;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(entrant: Entrant, opened: Opened, child: ChildProcess, lines: AsyncIterator<string>) {
    this.entrant = entrant;
    this.opened = opened;
    this.#child = child;
    this.#lines = lines;
  }

  /** @throws Error with what the process wrote to standard error */
  static async open(entrant: Entrant, folder: string, task: Task): Promise<Contestant> {
    const { name, settings } = entrant;
    const [command, ...args] = commandOf(entrant);
    const env = {
      ...process.env,
      OMP_NUM_THREADS: String(settings.threads),
      ...(entrant.library === 'PyTorch' && { LD_LIBRARY_PATH: OPENMP_BLAS }),
    };
    const child = spawn(command, [...args, folder, task, JSON.stringify(settings)], { env });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-1000);
    });
    child.stdin.on('error', () => {}); // it has died; the missing line tells
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { done, value } = await Promise.race([lines.next(), failed]);
    if (done) {
      const said = complaint.trim().split('\n');
      throw new Error(`${name}: ${said.findLast((line) => line.includes('Error')) ?? said.at(-1)}`);
    }
    return new Contestant(entrant, JSON.parse(value), child, lines);
  }

  async time(asked: Asked): Promise<Timed> {
    this.#child.stdin!.write(`${JSON.stringify(asked)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`${this.entrant.name} has died`);
    return JSON.parse(value);
  }

  /** The most memory it has had, in MiB; undefined where the system does not tell (it does on Linux). */
  get peakMiB(): number | undefined {
    const status = `/proc/${this.#child.pid}/status`;
    if (!existsSync(status)) return undefined;
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(status, 'utf8'))![1]) / 1024;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stdin!.end();
    return closed;
  }
}

function commandOf({ library, settings }: Entrant): string[] {
  const peers = fileURLToPath(new URL('../../bench/peers/', import.meta.url));
  const built = fileURLToPath(new URL('.', import.meta.url));
  // Debian's interpreter, which finds python3-torch.
  if (library === 'PyTorch') return ['/usr/bin/python3', `${peers}torch_peer.py`];
  const flags = settings.build === 'relaxed' ? relaxedFlags : [];
  const file = `${isOurs(library) ? built : peers}${library}.mjs`;
  return [process.execPath, '--expose-gc', ...flags, `${built}serve.mjs`, file];
}
