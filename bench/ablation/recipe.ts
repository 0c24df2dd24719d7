// What a training of the ablation is made of, as data: so it can be compared, kept and combined.
import * as gatelet from '../../src/index.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { outputUnits } from '../../src/model/task.ts';
import type { Average } from '../../src/train/average.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import type { Schedule } from '../../src/train/schedule.ts';

/** A public function and what it is told. */
export type Made = readonly [name: string, options?: Readonly<Record<string, unknown>>];

/** A model and its training. A list stands behind what is named before it. */
export interface Recipe {
  readonly embedding: Made;
  readonly words: readonly Made[];
  readonly cells: readonly Made[];
  readonly states: readonly Made[];
  readonly pool: Made;
  readonly vector: readonly Made[];
  readonly optimizer: Made;
  readonly schedule: Made;
  /** Of the parameters, if the model is given one. */
  readonly average?: Made;
  /** Other options of train(). */
  readonly train: Readonly<Record<string, unknown>>;
  /** Another task over the same words, if one helps. */
  readonly help?: Help;
}

/** A task that shares the layers from the words to the cells: learnt before the labels are, or beside them. */
export interface Help {
  readonly task: 'language' | 'tag';
  readonly when: 'before' | 'beside';
}

/** What a technique changes of a recipe. */
export type Change = Partial<Recipe>;

/** A recipe with changes; where two change the same part, the later one has it. */
export function changed(recipe: Recipe, ...changes: readonly Change[]): Recipe {
  const train = Object.assign({}, recipe.train, ...changes.map((change) => change.train));
  return Object.assign({}, recipe, ...changes, { train });
}

/** An untrained model by a recipe. */
export function modelOf(
  recipe: Recipe,
  options: { readonly labels: readonly string[]; readonly seed: number; readonly maxLength: number },
): Promise<gatelet.Model> {
  const { embedding, words, cells, states, pool, vector } = recipe;
  const units = outputUnits({ task: 'classify', labels: options.labels, multiLabel: false, outputs: 1 });
  const parts: readonly Made[] = [embedding, ...words, ...cells, ...states, pool, ...vector];
  return gatelet.createModel({
    ...options,
    layers: [...parts.map((part) => make<Layer>(part)), gatelet.dense({ units })],
  });
}

/** How many layers a recipe has from the words to the cells. */
export function trunkLength({ words, cells }: Recipe): number {
  return 1 + words.length + cells.length;
}

/** An untrained model of the task that helps, on the same layers. @param tags of a tagger */
export function helperOf(
  { embedding, words, cells }: Recipe,
  task: Help['task'],
  options: { readonly tags: readonly string[]; readonly seed: number; readonly maxLength: number },
): Promise<gatelet.Model> {
  const { tags, ...others } = options;
  const trunk = [embedding, ...words, ...cells].map((part) => make<Layer>(part));
  const { size = 64 } = embedding[1] ?? {};
  if (task === 'language') {
    return gatelet.createModel({
      ...others,
      task,
      layers: [...trunk, gatelet.neighbours({ size: size as number })],
    });
  }
  return gatelet.createModel({
    ...{ ...others, task, labels: tags },
    layers: [...trunk, gatelet.dense({ units: tags.length })],
  });
}

/** Options of train() by a recipe. */
export function trainOptionsOf({ optimizer, schedule, average, train }: Recipe): TrainOptions {
  const made = { optimizer: make<Optimizer>(optimizer), schedule: make<Schedule>(schedule) };
  return { ...train, ...made, ...(average && { average: make<Average>(average) }) };
}

function make<Thing>([name, options]: Made): Thing {
  const functions = gatelet as unknown as Record<string, (options?: object) => Thing>;
  return functions[name](...(options ? [options] : []));
}
