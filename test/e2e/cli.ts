/** Runs the built command line, and makes small data sets that a tiny model learns at once. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Result {
  code: number | null;
  out: string;
  err: string;
}

/** A folder that goes when the file's tests have run. */
export function workFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'gatelet-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  return {
    folder,
    path,
    put(name: string, content: string | Uint8Array) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
    },
    sha256: (name: string) =>
      createHash('sha256')
        .update(readFileSync(path(name)))
        .digest('hex'),
    start: (...args: string[]) => spawn(process.execPath, [CLI, ...args], { cwd: folder }),
    run(args: string[], input = ''): Promise<Result> {
      const child = spawn(process.execPath, [CLI, ...args], { cwd: folder });
      child.stdin.on('error', () => {}); // it may end before it has read all
      child.stdin.end(input);
      return result(child);
    },
  };
}

/** What a process printed and how it ended. */
export function result(child: ChildProcessWithoutNullStreams): Promise<Result> {
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

/** Waits until a process has printed something that matches. */
export function printed(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  let out = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      out += text;
      if (pattern.test(out)) resolve(out);
    });
    child.on('close', () => reject(new Error(`ended without printing ${pattern}: ${out}`)));
  });
}

const WORDS = {
  good: ['joy', 'lovely', 'great', 'warm', 'bright'],
  bad: ['dull', 'awful', 'weak', 'cold', 'broken'],
};
const FILLERS = ['the', 'film', 'was', 'a', 'very', 'and', 'it', 'plot', 'we', 'saw'];

export interface Sample {
  text: string;
  label: 'good' | 'bad';
}

/** Sentences of fillers with one telling word; the same count and seed give the same sentences. */
export function samples(count: number, seed = 1): Sample[] {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2 ? 'good' : 'bad';
    const words = Array.from({ length: 4 + below(6) }, () => FILLERS[below(FILLERS.length)]);
    words[below(words.length)] = WORDS[label][below(5)];
    return { text: words.join(' '), label };
  });
}

export const csv = (rows: Sample[]) =>
  ['text,label', ...rows.map(({ text, label }) => `${text},${label}`)].join('\n');

/** Options of a model that learns the samples in a second. */
export const TINY = [
  ...['--embedding', '8', '--lstm', '8', '--buckets', '50', '--batch-size', '8'],
  ...['--learning-rate', '0.02'],
];
