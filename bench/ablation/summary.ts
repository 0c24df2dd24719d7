// What runs say together: a line a technique, and what goes together best.

import type { Change, Recipe } from './recipe.ts';
import type { Run } from './runs.ts';
import { TECHNIQUES } from './techniques.ts';

/** The names of the two rows that are no single technique. */
export const BASE_NAME = 'base';
export const BEST_NAME = 'best combination';
/** What combinations are called that are only tried. */
export const TRIAL_NAME = 'trial';

export interface Line {
  readonly name: string;
  readonly runs: number;
  readonly failed: number;
  /** Means over the seeds; the spread is from the lowest to the highest. */
  readonly validation: number;
  readonly test?: { readonly mean: number; readonly low: number; readonly high: number };
  /** Of the quickest seed: what else the machine does only adds to it. Infinite where all failed. */
  readonly secondsPerEpoch: number;
}

/** The runs over the rows of the last one. */
function ofLastRows(runs: readonly Run[]): Run[] {
  const last = runs.at(-1);
  return runs.filter((run) =>
    (['epochs', 'maxLength', 'rows'] as const).every((key) => run[key] === last?.[key]),
  );
}

/** The runs that tell of one comparison: over the rows of the last run, each technique as it was run last. */
export function comparable(runs: readonly Run[]): Run[] {
  const ofLast = ofLastRows(runs);
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
        secondsPerEpoch: Math.min(...done.map(({ secondsPerEpoch }) => secondsPerEpoch)),
      },
    ];
  });
}

/**
 * The changes that gain on the rows held back when they are switched on alone, the largest gain first. Tasks that help are
 * left out: they need layers that read one way.
 */
export function helpfulChanges(runs: readonly Run[]): Change[] {
  const lines = summary(runs);
  const base = lines.find(({ name }) => name === BASE_NAME)?.validation ?? 0;
  const gainOf = (wanted: string) =>
    (lines.find(({ name }) => name === wanted)?.validation ?? Number.NEGATIVE_INFINITY) - base;
  return TECHNIQUES.filter(({ name, change }) => gainOf(name) > 0 && !change.help)
    .sort((a, b) => gainOf(b.name) - gainOf(a.name))
    .map(({ change }) => change);
}

/** Mean accuracy of a recipe on the rows held back; 0 where one of its trainings failed. */
export function heldBack(runs: readonly Run[], recipe: Recipe): number {
  const own = ofLastRows(runs).filter((run) => JSON.stringify(run.recipe) === JSON.stringify(recipe));
  return own.some(({ failed }) => failed !== undefined) ? 0 : mean(own.map(({ validation }) => validation));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
