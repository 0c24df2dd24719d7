import type { Model } from '../model/model.ts';
import type { Row } from '../model/targets.ts';
import { UsageError } from '../runtime/errors.ts';
import type { Evaluation } from './evaluate.ts';
import { type TrainOptions, trainSettings } from './options.ts';
import { trainingOf } from './run.ts';
import type { TrainingState } from './state.ts';

/** What came of an epoch. */
export interface Epoch {
  /** Counted from 0. */
  readonly index: number;
  /** Mean over the epoch's batches, each before its step, dropout at work; in nats. */
  readonly loss: number;
  /** Share of the epoch's rows whose labels were right. */
  readonly accuracy: number;
  readonly learningRate: number;
  /** On the rows held back; undefined without them. */
  readonly validation?: Evaluation;
  readonly tokensPerSecond: number;
  readonly seconds: number;
}

/** What came of an epoch, with rows to validate on. */
export type ValidatedEpoch = Epoch & Required<Pick<Epoch, 'validation'>>;

/** A training under way: iterate it, and it trains an epoch at a time. */
export interface Training<E extends Epoch = Epoch> extends AsyncIterable<E> {
  readonly model: Model;
  /** Whether it has ended by itself: all epochs done, or stopped early. */
  readonly finished: boolean;
  /** Rows trained on whose text is longer than the model's maxLength. */
  readonly truncated: number;
  /** How many threads it has, and why not as many as were asked for. */
  readonly threads: { readonly count: number; readonly note?: string };
  /**
   * Where it stands, to resume from. Take it when the iteration has stopped or between epochs.
   * @throws UsageError before the iteration has begun
   */
  state(): TrainingState;
}

/**
 * Trains a model; each round of the loop is an epoch. The first training learns the vocabulary from the
 * rows; a further one goes on from what the model knows. After every epoch the model can predict; `break`
 * stops, and the model keeps what it has learnt.
 * @param rows texts with labels; their order does not matter but is part of what a seed repeats
 * @throws UsageError when an option is wrong; DataError when a row is; TrainingError when the loss is no
 *   longer a number or a thread ends: the model then holds the last good parameters
 * @example
 * for await (const epoch of train(model, rows, { epochs: 5 })) console.log(epoch.index, epoch.loss);
 */
export function train(
  model: Model,
  rows: readonly Row[],
  options: TrainOptions & Required<Pick<TrainOptions, 'validation'>>,
): Training<ValidatedEpoch>;
export function train(model: Model, rows: readonly Row[], options?: TrainOptions): Training;
export function train(model: Model, rows: readonly Row[], options: TrainOptions = {}): Training {
  if (model.config.weights === 'i8') {
    throw new UsageError('train() cannot train a quantised model', {
      cause: 'Train the model it was made from, then quantize() that.',
    });
  }
  return trainingOf(model, rows, trainSettings(model.config, options), options);
}
