import { loadSharedModule, noThreads } from '#threads';
import { checkPredictable } from '../model/limits.ts';
import type { Model } from '../model/model.ts';
import type { Weights } from '../model/network.ts';
import { encodeInputs, type Input, inputsOf, textsOf } from '../model/rows.ts';
import type { Labelled, Row } from '../model/targets.ts';
import { encoderOf } from '../text/encoder.ts';
import { learnVocabulary, type Vocabulary } from '../text/vocabulary.ts';
import { type Batches, batchesOf } from './batches.ts';
import { classWeightsOf } from './class-weights.ts';
import { type Evaluation, evaluatorOf } from './evaluate.ts';
import { fingerprint } from './fingerprint.ts';
import type { Settings } from './options.ts';
import { checkGuesses, checkVariety, splitRows } from './rows.ts';
import type { TrainingState } from './state.ts';
import { type Trainer, trainerOf } from './trainer.ts';

/** All that a training needs, from rows and settings. */
export interface Setup {
  readonly vocabulary: Vocabulary;
  readonly batches: Batches;
  /** Where there are rows to validate on. */
  readonly evaluate?: (weights: Weights) => Promise<Evaluation>;
  readonly threads: { readonly count: number; readonly note?: string };
  /** Tells these rows and settings from any others. */
  readonly fingerprint: string;
  /** Plans the network, and gives it the parameters that the training begins with. */
  begin(): Promise<Trainer>;
}

/** Rows split, and what of them is read. */
export interface Reading {
  readonly training: Labelled;
  readonly validation?: Labelled;
  readonly inputs: readonly Input[];
}

/** Splits and checks rows. */
export function read(model: Model, rows: readonly Row[], settings: Settings): Reading {
  const { config } = model;
  const split = splitRows(kernelsFor(model, settings), config, rows, settings.validation);
  checkVariety(config, split.training.rows);
  return { ...split, inputs: inputsOf(config, split.training.rows, 'row') };
}

/** Splits and encodes the rows; the first training of a model learns the vocabulary from them. */
export function setUp(model: Model, rows: readonly Row[], settings: Settings, resume?: TrainingState): Setup {
  const { config } = model;
  const reading = read(model, rows, settings);
  const known = resume?.learnt ?? (model.isTrained ? model : undefined);
  const vocabulary = known?.vocabulary ?? learnVocabulary(textsOf(config, reading.inputs), config.tokenizer);
  return setUpWith(model, reading, settings, vocabulary, known?.weights);
}

/** Encodes rows by a vocabulary that is known; the parameters, too, if they are given. */
export function setUpWith(
  model: Model,
  { training, validation, inputs }: Reading,
  settings: Settings,
  vocabulary: Vocabulary,
  weights?: Float32Array,
): Setup {
  const { config } = model;
  const { optimizer, clipNorm, clipValue, layerRates, average, wordDropout, labelSmoothing, mixup } =
    settings;
  const module = kernelsFor(model, settings);
  checkPredictable(config, vocabulary, module);
  const corpus = encodeInputs(config, encoderOf(vocabulary, config.maxLength), inputs, wordDropout > 0);
  checkGuesses(config, corpus);
  const batches = batchesOf(module, corpus, training.targets, settings, config.seed);
  const classWeights = classWeightsOf(config, training.rows, settings.classWeights);
  const options = {
    optimizer,
    clipNorm,
    clipValue,
    layerRates,
    average,
    wordDropout,
    objective: { labelSmoothing, classWeights, mixup },
  };
  const note = settings.threads > 1 ? noThreads() : undefined;
  const threads = note === undefined ? { count: settings.threads } : { count: 1, note };
  return {
    vocabulary,
    batches,
    threads,
    ...(validation && { evaluate: evaluatorOf(module, config, vocabulary, validation) }),
    fingerprint: fingerprint(training.rows, validation?.rows ?? [], { ...settings, threads: threads.count }),
    async begin() {
      const { count } = threads;
      const sharing = { threads: count, module: count > 1 ? await sharedModule(model, settings) : module };
      const trainer = trainerOf(module, config, vocabulary, batches.limits, options, sharing);
      if (weights) trainer.network.weights.set(weights);
      else trainer.network.initialise(config.seed);
      return trainer;
    },
  };
}

/** The kernels for one thread. */
function kernelsFor({ modules }: Model, { reproducible }: Settings): WebAssembly.Module {
  return reproducible ? modules.exact : modules.fast;
}

/** The kernels for several threads, in the build that one thread would take. */
function sharedModule({ modules }: Model, { reproducible }: Settings): Promise<WebAssembly.Module> {
  return loadSharedModule(reproducible || modules.fast === modules.exact ? 'plain' : 'relaxed');
}
