import type { ModelConfig } from '../model/config.ts';
import { featuresOf } from '../model/network-plan.ts';
import type { Row } from '../model/targets.ts';
import { checkDeclared, type DeclaredOptions } from '../runtime/declared.ts';
import { show, UsageError } from '../runtime/errors.ts';
import { positive, share } from '../runtime/options.ts';
import type { Average } from './average.ts';
import type { Optimizer } from './optimizer.ts';
import { adam } from './optimizers/adam.ts';
import { constantRate, type Schedule } from './schedule.ts';
import type { TrainingState } from './state.ts';

/** What {@link train} takes beside model and rows. */
export interface TrainOptions {
  /** Times that every row is seen. Default 10. */
  readonly epochs?: number;
  /** Rows of an optimiser step. Default 32. */
  readonly batchSize?: number;
  /** Words of an optimiser step at the most: long texts make smaller batches. Default: no limit. */
  readonly batchTokens?: number;
  /** Default adam(). */
  readonly optimizer?: Optimizer;
  /** Default: the learning rate stays. */
  readonly schedule?: Schedule;
  /** Steps at the start over which the learning rate rises in a straight line to what it would be. Default 0. */
  readonly warmUp?: number;
  /** Rows to validate on after each epoch, or the share of rows to hold back for it. Default: none. */
  readonly validation?: number | readonly Row[];
  /** Stops when validation has not improved for so many epochs, and restores the best parameters. */
  readonly earlyStopping?: { readonly patience: number; readonly metric?: 'loss' | 'accuracy' };
  /** Gradients are scaled down to this global norm. Default: never. */
  readonly clipNorm?: number;
  /** No element of a gradient is larger than this, before their norm is taken. Default: never. */
  readonly clipValue?: number;
  /**
   * By layer, what the learning rate is multiplied by: 0 leaves a layer as it is, and smaller numbers below larger ones
   * keep what was learnt elsewhere (discriminative rates, Howard & Ruder 2018). Default 1 for all.
   */
  readonly layerRates?: readonly number[];
  /** What the model is given after each epoch in place of the parameters. Default: the parameters. */
  readonly average?: Average;
  /** How much a label counts, or `balanced`: each label as much as any other. Default 1 each. */
  readonly classWeights?: Readonly<Record<string, number>> | 'balanced';
  /** Share of each target given to all labels alike. Default 0. */
  readonly labelSmoothing?: number;
  /**
   * To classify: mixes each text of a batch with another, and their targets, by a share drawn from Beta(mixup, mixup), the
   * larger for its own (Zhang et al. 2018; of what the last layer is given: senMixup, Guo et al. 2019). The
   * loss and accuracy that training reports are those of the mixtures. At most 4. Default 0.
   */
  readonly mixup?: number;
  /** Share of known words shown as if they were unknown, so that the n-grams learn, too. Default 0. */
  readonly wordDropout?: number;
  /**
   * Gives the same bits on every engine, at the price of relaxed SIMD's speed where the engine has it.
   * Default false.
   */
  readonly reproducible?: boolean;
  /**
   * Threads that share each batch. The same number gives the same bits; another number rounds differently. In a
   * browser they need a page that is cross-origin isolated; elsewhere there is one. Default 1.
   */
  readonly threads?: number;
  /** Ends the training after the step under way; model and checkpoint hold what was learnt till then. */
  readonly signal?: AbortSignal;
  /** Called after each optimiser step; the object is the same at every call. */
  readonly onStep?: (progress: Progress) => void;
  /** Goes on where a checkpoint was written; rows and options must be the same. */
  readonly resume?: TrainingState;
}

/** How far a training is. */
export interface Progress {
  /** Counted from 0. */
  epoch: number;
  /** Optimiser steps of this epoch done, and in all. */
  step: number;
  steps: number;
  /** Mean over this epoch so far. */
  loss: number;
  accuracy: number;
  /** Words read since train() was called, and how many a second. */
  tokens: number;
  tokensPerSecond: number;
}

/** Options checked, defaults filled in. */
export interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly batchTokens: number;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly warmUp: number;
  readonly validation: number | readonly Row[];
  readonly earlyStopping: { readonly patience: number; readonly metric: 'loss' | 'accuracy' } | undefined;
  readonly clipNorm: number;
  readonly clipValue: number;
  readonly layerRates: readonly number[] | undefined;
  readonly average: Average | undefined;
  readonly classWeights: Readonly<Record<string, number>> | 'balanced';
  readonly labelSmoothing: number;
  readonly mixup: number;
  readonly wordDropout: number;
  readonly reproducible: boolean;
  readonly threads: number;
}

/** Each has memory of its own, as large as its share of a batch and the gradients. */
const MOST_THREADS = 64;

const whatever = (_name: string, value: unknown) => value;

/** What train() may be told about a model, in the order in which a fingerprint has it. */
const declaredFor = (config: ModelConfig) =>
  ({
    epochs: { is: 'whole', from: 1, to: 1_000_000, default: 10 },
    batchSize: { is: 'whole', from: 1, to: 65_536, default: 32 },
    batchTokens: { is: 'whole', from: config.maxLength, to: 0x7fff_ffff, default: 0x7fff_ffff },
    optimizer: { is: madeBy<Optimizer>('plan', 'adam() or another optimizer'), default: adam() },
    schedule: { is: madeBy<Schedule>('factor', 'stepDecay() or another schedule'), default: constantRate() },
    warmUp: { is: 'whole', from: 0, to: 1_000_000, default: 0 },
    validation: {
      is: (name, value) => (Array.isArray(value) ? (value as readonly Row[]) : share(name, value)),
      default: 0,
    },
    earlyStopping: { is: ifGiven(checkStopping) },
    clipNorm: { is: 'positive', default: null },
    clipValue: { is: 'positive', default: null },
    layerRates: { is: ifGiven((name, rates) => checkRates(name, rates, config)) },
    average: { is: ifGiven(madeBy<Average>('share', 'exponentialAverage() or another average')) },
    classWeights: { is: (name, weights) => checkClassWeights(name, weights, config), default: {} },
    labelSmoothing: { is: 'share', default: 0 },
    mixup: { is: 'number', from: 0, to: 4, default: 0 },
    wordDropout: { is: 'share', default: 0 },
    reproducible: { is: 'flag', default: false },
    threads: { is: 'whole', from: 1, to: MOST_THREADS, default: 1 },
    signal: { is: whatever },
    onStep: { is: whatever },
    resume: { is: whatever },
  }) as const satisfies DeclaredOptions;

/** Checks options and fills in the defaults. @throws UsageError naming what is wrong */
export function trainSettings(config: ModelConfig, options: TrainOptions): Settings {
  const { signal, onStep, resume, ...checked } = checkDeclared('train()', declaredFor(config), options);
  const { clipNorm, clipValue } = checked;
  const settings: Settings = { ...checked, clipNorm: clipNorm ?? Infinity, clipValue: clipValue ?? Infinity };
  if (settings.average && settings.optimizer.averages) {
    throw new UsageError(`the option "average" cannot act with ${settings.optimizer.kind}()`, {
      cause: 'It gives the model an average of its own.',
    });
  }
  if (settings.threads > settings.batchSize) {
    throw new UsageError('threads', {
      expected: `at most ${settings.batchSize}, the rows of a batch`,
      got: String(settings.threads),
    });
  }
  const needs = settings.earlyStopping
    ? 'earlyStopping'
    : (settings.schedule.validates && 'this schedule') || (settings.average?.validates && 'this average');
  if (needs && (settings.validation === 0 || validationRows(settings) === 0)) {
    throw new UsageError(`${needs} needs rows to validate on`, { cause: 'Give validation, such as 0.1.' });
  }
  checkActing(config, settings);
  return settings;
}

/** @throws UsageError when an option could do nothing to such a model */
function checkActing({ task, layers }: ModelConfig, settings: Settings): void {
  const weighsLabels = (task === 'classify' || task === 'tag') && !layers.some(({ closes }) => closes);
  const { classWeights, labelSmoothing, mixup, wordDropout, batchSize } = settings;
  if (mixup > 0 && batchSize === 1) {
    throw new UsageError('the option "mixup" cannot act with batchSize: 1', {
      cause: 'A text is mixed with others of its batch.',
    });
  }
  const idle = [
    !weighsLabels && (classWeights === 'balanced' || Object.keys(classWeights).length > 0) && 'classWeights',
    !weighsLabels && labelSmoothing > 0 && 'labelSmoothing',
    task !== 'classify' && mixup > 0 && 'mixup',
    featuresOf(layers) > 0 && wordDropout > 0 && 'wordDropout',
  ].find(Boolean);
  if (!idle) return;
  throw new UsageError(`the option "${idle}" cannot act on this model`, {
    cause: `Its task is '${task}' and its last layer ${layers[layers.length - 1].kind}().`,
  });
}

/** Checks what is given; what is not, stays so. */
function ifGiven<Value>(check: (name: string, value: unknown) => Value) {
  return (name: string, value: unknown) => (value === undefined ? undefined : check(name, value));
}

/** @throws UsageError unless there is a rate for each layer, and one that moves something */
function checkRates(name: string, rates: unknown, { layers }: ModelConfig): readonly number[] {
  const isRate = (rate: unknown) => typeof rate === 'number' && rate >= 0 && Math.fround(rate) < Infinity;
  const expected = `${layers.length} numbers from 0 on, one for each layer`;
  if (!Array.isArray(rates) || rates.length !== layers.length || !rates.every(isRate)) {
    throw new UsageError(name, { expected, got: show(rates) });
  }
  if (rates.some((rate) => rate > 0)) return [...rates];
  throw new UsageError(name, { expected: 'one at least above 0', got: show(rates) });
}

function checkStopping(name: string, given: unknown) {
  const declared = {
    patience: { is: 'whole', from: 1, to: 1_000_000 },
    metric: { is: ['loss', 'accuracy'], default: 'loss' },
  } as const;
  return checkDeclared(name, declared, given as object, (option) => `${name} ${option}`);
}

/** An object that one of our functions made, known by a method of it. */
function madeBy<Made>(method: keyof Made, expected: string) {
  return (name: string, value: unknown): Made => {
    if (typeof (value as Partial<Made> | null)?.[method] === 'function') return value as Made;
    throw new UsageError(name, { expected, got: show(value) });
  };
}

function validationRows({ validation }: Settings): number {
  return typeof validation === 'number' ? validation : validation.length;
}

function checkClassWeights(
  name: string,
  weights: unknown,
  { labels }: ModelConfig,
): Settings['classWeights'] {
  if (weights === 'balanced') return weights;
  if (typeof weights !== 'object' || weights === null) {
    throw new UsageError(name, { expected: "a number by label, or 'balanced'", got: show(weights) });
  }
  for (const [label, weight] of Object.entries(weights)) {
    if (!labels.includes(label)) {
      throw new UsageError(`${name} names ${show(label)}`, { expected: labels.map(show).join(', ') });
    }
    positive(`${name} of ${show(label)}`, weight);
  }
  return weights as Readonly<Record<string, number>>;
}
