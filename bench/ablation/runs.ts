// Results, one line of JSON a run: what is there already is not run again.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import type { Recipe } from './recipe.ts';

/** What came of one training. Shares are accuracies. */
export interface Run {
  readonly data: string;
  readonly technique: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly epochs: number;
  readonly maxLength: number;
  readonly rows: number;
  /** On the rows held back, at the best epoch, which counts from 1. */
  readonly validation: number;
  readonly bestEpoch: number;
  /** Of that epoch's parameters on the test file. */
  readonly test?: number;
  readonly secondsPerEpoch: number;
  readonly parameters: number;
  /** Why there is no result: the training's error. */
  readonly failed?: string;
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
}

/** All runs that are kept, by dataset. @param root of the project */
export function readDatasets(root: string): { name: string; runs: Run[] }[] {
  const folder = join(root, 'bench/results/ablation');
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files.map((file) => ({ name: parse(file).name, runs: readRuns(join(folder, file)) }));
}

/** The runs that a file holds. A last line that is cut short, of a run that was killed, does not count. */
export function readRuns(path: string): Run[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** Adds a run. */
export function appendRun(path: string, run: Run): void {
  mkdirSync(dirname(path), { recursive: true });
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const cut = text === '' || text.endsWith('\n') ? '' : '\n';
  appendFileSync(path, `${cut}${JSON.stringify(run)}\n`);
}

type Key = Pick<Run, 'recipe' | 'seed' | 'epochs' | 'maxLength' | 'rows'>;

/** Whether two runs are the same training of the same rows. */
export function isSame(a: Key, b: Key): boolean {
  const same = (key: keyof Key) => JSON.stringify(a[key]) === JSON.stringify(b[key]);
  return (['recipe', 'seed', 'epochs', 'maxLength', 'rows'] as const).every(same);
}
