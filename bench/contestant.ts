// The near end of a process that serve.ts or torch.py runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

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

/** A library at work in a process of its own. */
export class Contestant {
  readonly name: string;
  readonly opened: Opened;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, opened: Opened, child: ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.opened = opened;
    this.#child = child;
    this.#lines = lines;
  }

  /** @throws Error with what the process wrote to standard error */
  static async open(name: string, folder: string, task: Task): Promise<Contestant> {
    const [command, ...args] = commandOf(name);
    const env = { ...process.env, OMP_NUM_THREADS: '1' };
    const child = spawn(command, [...args, folder, task], { env });
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
    return new Contestant(name, JSON.parse(value), child, lines);
  }

  async time(asked: Asked): Promise<Timed> {
    this.#child.stdin!.write(`${JSON.stringify(asked)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`${this.name} has died`);
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

function commandOf(name: string): string[] {
  const peers = fileURLToPath(new URL('../../bench/peers/', import.meta.url));
  const built = fileURLToPath(new URL('.', import.meta.url));
  // Debian's interpreter, which finds python3-torch.
  if (name === 'PyTorch') return ['/usr/bin/python3', `${peers}torch_peer.py`];
  const library = name === 'gatelet' ? `${built}gatelet.mjs` : `${peers}${name}.mjs`;
  return [process.execPath, `${built}serve.mjs`, library];
}
