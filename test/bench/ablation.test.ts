import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bestCombination } from '../../bench/ablation/combine.ts';
import { changed, type Recipe } from '../../bench/ablation/recipe.ts';
import { appendRun, isSame, type Run, readRuns } from '../../bench/ablation/runs.ts';
import { BASE_NAME, comparable, summary, TRIAL_NAME } from '../../bench/ablation/summary.ts';
import { BASE, TECHNIQUES } from '../../bench/ablation/techniques.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatelet-ablation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recipeOf = (name: string): Recipe =>
  changed(BASE, TECHNIQUES.find((technique) => technique.name === name)?.change ?? {});
const run = (technique: string, validation: number, more: Partial<Run> = {}): Run => ({
  ...{ data: 'toy', technique, recipe: recipeOf(technique), seed: 1, epochs: 2, maxLength: 9, rows: 10 },
  ...{ validation, bestEpoch: 1, test: validation - 0.1, secondsPerEpoch: 1, parameters: 5 },
  ...{ commit: 'c', date: '2026-11-23', node: 'v20', cpu: 'a cpu', ...more },
});

test('runs are kept, and one that was broken off is run again', () => {
  const path = join(folder, 'toy.jsonl');
  expect(readRuns(path)).toEqual([]);
  appendRun(path, run('GRU', 0.5));
  appendFileSync(path, '{"data":"toy","tech');
  expect(readRuns(path)).toEqual([run('GRU', 0.5)]);
  expect(isSame(run('GRU', 0.5), run('GRU', 0.9))).toBe(true);
  expect(isSame(run('GRU', 0.5), run('GRU', 0.5, { seed: 2 }))).toBe(false);
  expect(isSame(run('GRU', 0.5), run('bidirectional', 0.5))).toBe(false);
});

test('a summary has means and range, and counts what diverged', () => {
  const runs = [run(BASE_NAME, 0.6), run(BASE_NAME, 0.8, { seed: 2 }), run('SGD', 0, { failed: 'NaN' })];
  const [base, sgd] = summary(runs);
  expect(base).toMatchObject({ name: BASE_NAME, runs: 2, failed: 0, secondsPerEpoch: 1 });
  expect(base.validation).toBeCloseTo(0.7);
  expect(base.test!.mean).toBeCloseTo(0.6);
  expect([base.test!.low, base.test!.high]).toEqual([0.5, 0.8 - 0.1]);
  expect(sgd).toMatchObject({ name: 'SGD', runs: 0, failed: 1 });
});

test('only runs of the same rows and the last recipes are compared', () => {
  const old = run('GRU', 0.9, { recipe: BASE });
  const short = run('GRU', 0.9, { epochs: 1 });
  const now = [run(BASE_NAME, 0.6), run('GRU', 0.5)];
  expect(comparable([old, short, ...now])).toEqual(now);
});

describe('the best combination', () => {
  const alone = [
    run(BASE_NAME, 0.6),
    run('GRU', 0.65),
    run('bidirectional', 0.7),
    run('clip norm 1', 0.61),
    run('batch 8', 0.62),
    run('pool last', 0.5),
  ];
  /** Finds it where trials get what a function says. */
  async function best(score: (recipe: Recipe) => number) {
    const runs = [...alone];
    const tried: Recipe[] = [];
    const recipe = await bestCombination(
      async (recipe) => {
        tried.push(recipe);
        runs.push(run(TRIAL_NAME, score(recipe), { recipe }));
      },
      () => runs,
    );
    return { recipe, tried };
  }
  const together = changed(BASE, recipeOf('bidirectional'), { train: { batchSize: 8, clipNorm: 1 } });

  test('is all that gains alone, of each part the best, where that is best on the rows held back', async () => {
    const { recipe, tried } = await best((recipe) => (recipe.train.clipNorm === undefined ? 0.1 : 0.9));
    expect(tried[0]).toEqual(together);
    expect(recipe).toEqual(together);
  });

  test('or what gains one upon the other', async () => {
    const { recipe } = await best(({ cells, train }) => {
      if (train.clipNorm !== undefined) return 0.3; // spoils it
      return 0.7 + (train.batchSize === 8 ? 0.05 : 0) - (cells[0][0] === 'gru' ? 0.2 : 0);
    });
    expect(recipe).toEqual(changed(BASE, recipeOf('bidirectional'), { train: { batchSize: 8 } }));
  });

  test('or the base', async () => {
    expect((await best(() => 0.1)).recipe).toEqual(BASE);
  });
});
