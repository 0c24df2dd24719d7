import type { Model } from '../model/model.ts';
import { textsOf } from '../model/rows.ts';
import type { Row } from '../model/targets.ts';
import { checkAlike, commonLayers } from '../model/transfer.ts';
import { UsageError } from '../runtime/errors.ts';
import { oneOf, onlyKnown, positive } from '../runtime/options.ts';
import { learnVocabulary, type Vocabulary } from '../text/vocabulary.ts';
import type { Evaluation } from './evaluate.ts';
import { jointTraining } from './joint-run.ts';
import { type Settings, type TrainOptions, trainSettings } from './options.ts';
import { type Reading, read, type Setup, setUpWith } from './setup.ts';

const OWN = [
  'classWeights',
  'labelSmoothing',
  'wordDropout',
  'batchSize',
  'batchTokens',
  'validation',
] as const;
const COMMON = [
  'epochs',
  'optimizer',
  'schedule',
  'clipNorm',
  'clipValue',
  'reproducible',
  'threads',
  'signal',
] as const;
const SAMPLING = ['proportional', 'roundRobin'] as const;

/** A model, its rows, and how much they count. */
export interface Source extends Pick<TrainOptions, (typeof OWN)[number]> {
  readonly model: Model;
  readonly rows: readonly Row[];
  /** Multiplies the learning rate of the steps over these rows. Default 1. */
  readonly weight?: number;
}

/** What {@link trainTogether} takes beside the sources: options as of train(). */
export interface TogetherOptions extends Pick<TrainOptions, (typeof COMMON)[number]> {
  /**
   * `proportional`: an epoch shows every row of every source once, their batches in random order. `roundRobin`: sources
   * take turns, and the first says how long an epoch is: of longer ones it shows a random part, shorter ones begin anew.
   * Default `proportional`.
   */
  readonly sampling?: (typeof SAMPLING)[number];
}

/** What came of an epoch, by source. */
export interface JointEpoch {
  /** Counted from 0. */
  readonly index: number;
  readonly learningRate: number;
  readonly seconds: number;
  readonly sources: Readonly<Record<string, SourceEpoch>>;
}

/** What came of an epoch of one source. */
export interface SourceEpoch {
  readonly steps: number;
  readonly loss: number;
  readonly accuracy: number;
  /** On the rows held back; undefined without them. */
  readonly validation?: Evaluation;
}

/** A source made ready. */
export interface Part {
  readonly name: string;
  readonly model: Model;
  readonly weight: number;
  readonly setup: Setup;
}

/**
 * Trains models that begin with equal layers, so that they share those: a trunk, and for each model a head of its own.
 * Each step is over a batch of one source; what it moves in the trunk, it moves for all. After each epoch every model
 * holds the same trunk, and is a model like any other: it predicts, is saved, quantised, trained further. A trunk that is
 * known, by one trained model, is where all begin. There is no checkpoint of such a training.
 *
 * Source  Caruana 1997; for tags and a language model beside a task: Collobert & Weston 2008, Rei 2017
 * @param sources by name
 * @throws UsageError when an option is wrong or the models do not begin alike; DataError when a row is wrong;
 *   TrainingError when a loss is no longer a number: the models then hold the last whole epoch
 * @example
 * const trunk = [embedding(), lstm({ bidirectional: true })];
 * const mood = await createModel({ labels: ['negative', 'positive'], layers: [...trunk, pool(), dense({ units: 1 })] });
 * const reader = await createModel({ task: 'language', layers: [...trunk, neighbours()] });
 * const sources = { mood: { model: mood, rows }, words: { model: reader, rows: texts, weight: 0.3 } };
 * for await (const epoch of trainTogether(sources, { epochs: 10 })) console.log(epoch.sources.mood.accuracy);
 */
export function trainTogether(
  sources: Readonly<Record<string, Source>>,
  options: TogetherOptions = {},
): AsyncIterable<JointEpoch> {
  onlyKnown('trainTogether()', options, [...COMMON, 'sampling']);
  const { sampling: given = 'proportional', ...common } = options;
  const sampling = oneOf('sampling', given, SAMPLING);
  const readings = Object.entries(sources ?? {}).map(([name, source]) => readSource(name, source, common));
  if (readings.length < 2) {
    throw new UsageError('trainTogether()', {
      expected: 'two sources or more',
      got: `${readings.length}`,
      cause: 'A single model is trained by train().',
    });
  }
  const shared = sharedLayers(readings);
  const vocabulary = knownTo(readings) ?? learnt(readings);
  const parts = readings.map(({ name, model, weight, settings, reading }) => {
    const weights = model.isTrained ? model.weights : undefined;
    return { name, model, weight, setup: setUpWith(model, reading, settings, vocabulary, weights) };
  });
  // The trunk of the first that is trained is where all begin.
  const begin = Math.max(
    0,
    readings.findIndex(({ model }) => model.isTrained),
  );
  return jointTraining(parts, shared, begin, sampling, readings[0].settings, options.signal);
}

interface ReadSource {
  readonly name: string;
  readonly model: Model;
  readonly weight: number;
  readonly settings: Settings;
  readonly reading: Reading;
}

function readSource(name: string, source: Source, common: TrainOptions): ReadSource {
  onlyKnown(`source "${name}"`, source, ['model', 'rows', 'weight', ...OWN]);
  const { model, rows, weight = 1, ...own } = source;
  if (model?.config?.weights !== 'f32') {
    throw new UsageError(`source "${name}"`, {
      expected: 'a model with f32 weights',
      got: model ? 'a quantised one' : 'none',
    });
  }
  const settings = trainSettings(model.config, { ...common, ...own });
  return {
    name,
    model,
    weight: positive(`source "${name}" weight`, weight),
    settings,
    reading: read(model, rows, settings),
  };
}

/** How many layers all have in common. @throws UsageError when there are none, or a model is there twice */
function sharedLayers([first, ...others]: readonly ReadSource[]): number {
  const models = new Set([first.model]);
  let least = first.model.config.layers.length;
  for (const { name, model } of others) {
    if (models.has(model)) {
      throw new UsageError(`source "${name}" has the model of another source`, {
        cause: 'Join their rows into one source.',
      });
    }
    models.add(model);
    const common = commonLayers(first.model.config, model.config);
    checkAlike(`sources "${first.name}" and "${name}"`, first.model.config, model.config, common);
    least = Math.min(least, common);
  }
  return least;
}

/** The vocabulary of the models that are trained. @throws UsageError when theirs differ */
function knownTo(readings: readonly ReadSource[]): Vocabulary | undefined {
  const trained = readings.filter(({ model }) => model.isTrained);
  const odd = trained.find(({ model }) => model.vocabulary !== trained[0].model.vocabulary);
  if (!odd) return trained[0]?.model.vocabulary;
  throw new UsageError(`source "${odd.name}" has learnt other words than "${trained[0].name}"`, {
    cause: 'Let one begin with what the other knows: transfer().',
  });
}

function learnt(readings: readonly ReadSource[]): Vocabulary {
  const texts = readings.flatMap(({ model, reading }) => textsOf(model.config, reading.inputs));
  return learnVocabulary(texts, readings[0].model.config.tokenizer);
}
