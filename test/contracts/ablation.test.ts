import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changed, type Made, modelOf, type Recipe, trainOptionsOf } from '../../bench/ablation/recipe.ts';
import { techniquesPage } from '../../bench/ablation/report.ts';
import { readDatasets } from '../../bench/ablation/runs.ts';
import { BASE, NOT_TECHNIQUES, TECHNIQUES } from '../../bench/ablation/techniques.ts';
import { CATALOGUE } from '../../src/cli/catalogue.generated.ts';
import { trainSettings } from '../../src/train/options.ts';
import { root } from '../support/source.ts';

const recipes = TECHNIQUES.map(({ name, change }) => [name, changed(BASE, change)] as const);

/** What a recipe uses, as `lstm`, `lstm.size`, `train.clipNorm`. */
function usedBy({
  embedding,
  words,
  cells,
  states,
  pool,
  vector,
  optimizer,
  schedule,
  average,
  train,
}: Recipe): string[] {
  const made: readonly Made[] = [
    embedding,
    ...words,
    ...cells,
    ...states,
    pool,
    ...vector,
    optimizer,
    schedule,
    ...(average ? [average] : []),
  ];
  return [
    ...made.flatMap(([name, options = {}]) => [
      name,
      ...Object.keys(options).map((option) => `${name}.${option}`),
    ]),
    ...Object.keys(train).map((option) => `train.${option}`),
  ];
}

describe('the ablation', () => {
  test('has a technique for all that is declared, or says why not', () => {
    const kinds = ['layer', 'optimizer', 'schedule', 'average'];
    const declared = CATALOGUE.flatMap(({ kind, name, options }) => {
      const own = options.map((option) => `${name}.${option.name}`);
      return kinds.includes(kind) ? [name, ...own] : name === 'train' ? own : [];
    });
    const used = new Set([...usedBy(BASE), ...recipes.flatMap(([, recipe]) => usedBy(recipe))]);
    const excuses = Object.keys(NOT_TECHNIQUES);
    const isMeant = (excuse: string, name: string) =>
      excuse.startsWith('*') ? name.endsWith(excuse.slice(1)) : name === excuse;
    const isExcused = (name: string) => excuses.some((excuse) => isMeant(excuse, name));
    expect(declared.filter((name) => !used.has(name) && !isExcused(name))).toEqual([]);
    expect(excuses.filter((excuse) => !declared.some((name) => isMeant(excuse, name)))).toEqual([]);
  });

  test.each(recipes)('%s makes a model and a training, other than the base', async (_, recipe) => {
    expect(recipe).not.toEqual(BASE);
    const { config } = await modelOf(recipe, { labels: ['no', 'yes'], seed: 1, maxLength: 20 });
    expect(() => trainSettings(config, { ...trainOptionsOf(recipe), validation: 0.1 })).not.toThrow();
  });

  test('names each technique once, without commas', () => {
    const names = TECHNIQUES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.includes(','))).toEqual([]);
  });

  test('docs/techniques.md is what node scripts/techniques.mjs writes', () => {
    const page = readFileSync(join(root, 'docs/techniques.md'), 'utf8');
    expect(page).toBe(techniquesPage(CATALOGUE, readDatasets(root)));
  });
});
