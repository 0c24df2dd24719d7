// How a model of the ablation learns: by itself, after another task has taught its first layers, or beside one.
import {
  adam,
  type LabelledText,
  load,
  type Model,
  save,
  type TaggedWords,
  train,
  trainTogether,
  transfer,
} from '../../src/index.ts';
import { countLabels } from '../../src/train/class-weights.ts';
import { helperOf, type Recipe, trainOptionsOf, trunkLength } from './recipe.ts';

/** What a training is given. */
export interface Lesson {
  readonly rows: readonly LabelledText[];
  /** For a task that tags words. */
  readonly tagged: readonly TaggedWords[];
  readonly epochs: number;
  readonly seed: number;
  readonly maxLength: number;
}

/** What came of it: the model as it was after the best epoch on a tenth of the rows. */
export interface Learnt {
  readonly model: Model;
  readonly validation: number;
  /** Counted from 1; 0 if none was whole. */
  readonly bestEpoch: number;
  readonly seconds: number;
}

const HELD_BACK = 0.1;
/** How fast the shared layers go on that another task has taught, and how much a step of a task beside counts. */
const SHARE = 0.5;

/** Trains a model by a recipe. @throws TrainingError when its loss is no longer a number */
export function learn(model: Model, recipe: Recipe, lesson: Lesson): Promise<Learnt> {
  if (recipe.help?.when === 'beside') return learnBeside(model, recipe, lesson);
  return recipe.help ? learnAfter(model, recipe, lesson) : learnAlone(model, recipe, lesson);
}

async function learnAlone(
  model: Model,
  recipe: Recipe,
  lesson: Lesson,
  rates?: readonly number[],
): Promise<Learnt> {
  let [seconds, done, bestEpoch, validation] = [0, 0, 0, 0];
  const options = {
    ...trainOptionsOf(recipe),
    ...{ epochs: lesson.epochs, validation: HELD_BACK },
    earlyStopping: { patience: lesson.epochs, metric: 'accuracy' },
    ...(rates && { layerRates: rates }),
  } as const;
  for await (const epoch of train(model, lesson.rows, options)) {
    seconds += epoch.seconds;
    done++;
    if (epoch.validation.accuracy <= validation) continue;
    validation = epoch.validation.accuracy;
    bestEpoch = done;
  }
  return { model, validation, bestEpoch, seconds };
}

/** ULMFiT (Howard & Ruder 2018): the texts are read first; then the new layers learn alone for an epoch, then all. */
async function learnAfter(model: Model, recipe: Recipe, lesson: Lesson): Promise<Learnt> {
  const { rows, seed, maxLength, epochs } = lesson;
  const reader = await helperOf(recipe, 'language', { tags: [], seed, maxLength });
  const texts = rows.map(({ text }) => ({ text }));
  let seconds = 0;
  const optimizer = adam({ learningRate: 2e-3 });
  for await (const epoch of train(reader, texts, { epochs, batchSize: 64, optimizer }))
    seconds += epoch.seconds;
  transfer(reader, model);
  const trunk = trunkLength(recipe);
  const ratesOf = (rate: number) => model.config.layers.map((_, i) => (i < trunk ? rate : 1));
  const first = await learnAlone(model, recipe, { ...lesson, epochs: 1 }, ratesOf(0));
  const all = await learnAlone(model, recipe, lesson, ratesOf(SHARE));
  return { ...all, seconds: seconds + first.seconds + all.seconds };
}

async function learnBeside(model: Model, recipe: Recipe, lesson: Lesson): Promise<Learnt> {
  const { rows, tagged, epochs, seed, maxLength } = lesson;
  const { task } = recipe.help!;
  const helper = await helperOf(recipe, task, {
    tags: [...countLabels(tagged).keys()].sort(),
    seed,
    maxLength,
  });
  const { optimizer, schedule } = trainOptionsOf(recipe);
  const sources = {
    labels: { model, rows, validation: HELD_BACK },
    help: {
      model: helper,
      rows: task === 'tag' ? tagged : rows.map(({ text }) => ({ text })),
      weight: SHARE,
    },
  };
  const options = {
    epochs,
    sampling: 'roundRobin',
    ...(optimizer && { optimizer }),
    ...(schedule && { schedule }),
  } as const;
  let [seconds, bestEpoch, validation] = [0, 0, 0];
  let best: Uint8Array | undefined;
  for await (const epoch of trainTogether(sources, options)) {
    seconds += epoch.seconds;
    const { accuracy } = epoch.sources.labels.validation!;
    if (accuracy <= validation) continue;
    validation = accuracy;
    bestEpoch = epoch.index + 1;
    best = save(model);
  }
  return { model: best ? await load(best) : model, validation, bestEpoch, seconds };
}
