// What goes together best: on the rows held back, the test file has no say in it.
import { changed, type Recipe } from './recipe.ts';
import type { Run } from './runs.ts';
import { heldBack, helpfulChanges } from './summary.ts';
import { BASE } from './techniques.ts';

/** Changes that are tried one upon the other. */
const MOST_TRIALS = 8;

/**
 * Two ways, and the better of them: of each part the change that gains most alone, all at once; and one change after another,
 * the largest gain first, of which those stay that gain on top of the ones before.
 * @param tryOut trains by a recipe, with every seed
 * @param runs all that have been kept so far
 */
export async function bestCombination(
  tryOut: (recipe: Recipe) => Promise<void>,
  runs: () => readonly Run[],
): Promise<Recipe> {
  const helpful = helpfulChanges(runs());
  const together = changed(BASE, ...[...helpful].reverse());
  await tryOut(together);
  let stacked = BASE;
  for (const change of helpful.slice(0, MOST_TRIALS)) {
    const recipe = changed(stacked, change);
    await tryOut(recipe);
    if (heldBack(runs(), recipe) > heldBack(runs(), stacked)) stacked = recipe;
  }
  return heldBack(runs(), together) > heldBack(runs(), stacked) ? together : stacked;
}
