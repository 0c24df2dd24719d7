// What runs say together: a line a technique, and what goes together best.

import { type Change, changed, type Recipe } from './recipe.ts';
import type { Run } from './runs.ts';
import { BASE, TECHNIQUES } from './techniques.ts';

/** The names of the two rows that are no single technique. */
export const BASE_NAME = 'base';
export const BEST_NAME = 'best combination';

export interface Line {
  readonly name: string;
  readonly runs: number;
  readonly failed: number;
  /** Means over the seeds; the spread is from the lowest to the highest. */
  readonly validation: number;
  readonly test?: { readonly mean: number; readonly low: number; readonly high: number };
  readonly secondsPerEpoch: number;
}

/** The runs that tell of one comparison: over the rows of the last run, each technique as it was run last. */
export function comparable(runs: readonly Run[]): Run[] {
  const last = runs.at(-1);
  const ofLast = runs.filter((run) =>
    (['epochs', 'maxLength', 'rows'] as const).every((key) => run[key] === last?.[key]),
  );
  const recipes = new Map(ofLast.map(({ technique, recipe }) => [technique, JSON.stringify(recipe)]));
  return ofLast.filter(({ technique, recipe }) => recipes.get(technique) === JSON.stringify(recipe));
}

/** A line for each technique that was run, in the order of the list. */
export function summary(runs: readonly Run[]): Line[] {
  const names = [BASE_NAME, ...TECHNIQUES.map(({ name }) => name), BEST_NAME];
  const compared = comparable(runs);
  return names.flatMap((name) => {
    const own = compared.filter(({ technique }) => technique === name);
    const done = own.filter(({ failed }) => failed === undefined);
    if (own.length === 0) return [];
    const tests = done.flatMap(({ test }) => (test === undefined ? [] : [test]));
    return [
      {
        ...{ name, runs: done.length, failed: own.length - done.length },
        validation: mean(done.map(({ validation }) => validation)),
        ...(tests.length > 0 && {
          test: { mean: mean(tests), low: Math.min(...tests), high: Math.max(...tests) },
        }),
        secondsPerEpoch: mean(done.map(({ secondsPerEpoch }) => secondsPerEpoch)),
      },
    ];
  });
}

/**
 * The best combination: of each part of the recipe the change that gains most on the rows held back, of those that
 * gain at all. The test file has no say in it. Tasks that help are left out: they need layers that read one way.
 */
export function bestCombination(runs: readonly Run[]): Recipe {
  const lines = summary(runs);
  const base = lines.find(({ name }) => name === BASE_NAME)?.validation ?? 0;
  const gainOf = (wanted: string) =>
    (lines.find(({ name }) => name === wanted)?.validation ?? Number.NEGATIVE_INFINITY) - base;
  const helpful = TECHNIQUES.filter(({ name, change }) => gainOf(name) > 0 && !change.help);
  const ascending = helpful.sort((a, b) => gainOf(a.name) - gainOf(b.name));
  return changed(BASE, ...ascending.map(({ change }): Change => change));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
