import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Send, sendTo } from './load.ts';

/** A server, and the process it runs in. */
export interface Serving {
  readonly send: Send;
  /** Resident memory of the process that serves, in MiB. */
  memoryMiB(): number;
  /** Time of the processor that it has taken so far. */
  cpuMs(): CpuMs;
  /** The same engine with a server that does nothing: what its own memory does under load. */
  idle?(): Promise<Serving>;
  stop(): Promise<void>;
}

/** Starts a program that prints its address. @param path of what it serves */
export async function spawned(program: string, args: string[], path = ''): Promise<Serving> {
  const child = spawn(program, args, {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${args[0]} ended with exit code ${code} before it said where it serves`);
  });
  const [url] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
  ended.catch(() => {}); // it may end now
  return {
    send: sendTo(new URL(path, url).href),
    memoryMiB: () => residentMiB(child.pid!),
    cpuMs: () => cpuMs(child.pid!),
    stop: () => stopped(child),
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** What a process holds in memory. */
export function residentMiB(pid: number): number {
  const [, kib] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s*(\d+)/)!;
  return Number(kib) / 1024;
}

/** Time of the processor. */
export interface CpuMs {
  /** Of all threads, those that compile what runs often included. */
  readonly all: number;
  /** Of the one that answers, which is what a host limits. */
  readonly answering: number;
}

/** Of a process whose first thread answers. */
export function cpuMs(pid: number): CpuMs {
  const msOf = (task: string) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  const tasks = readdirSync(`/proc/${pid}/task`);
  return { all: tasks.reduce((sum, task) => sum + msOf(task), 0), answering: msOf(String(pid)) };
}
