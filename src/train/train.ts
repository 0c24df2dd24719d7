import { loadSharedModule, noThreads } from '#threads';
import { cutBatches } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import { checkPredictable } from '../model/limits.ts';
import type { Model, TrainingFacts } from '../model/model.ts';
import { encodeInputs, inputsOf, textsOf } from '../model/rows.ts';
import type { Weights } from '../model/runner.ts';
import { type Row, type Targets, targetsOf } from '../model/targets.ts';
import { DataError, TrainingError, UsageError } from '../runtime/errors.ts';
import { RandomSource } from '../runtime/random.ts';
import { ThreadEnded } from '../runtime/team.ts';
import { Encoder } from '../text/encoder.ts';
import { learnVocabulary, type Vocabulary } from '../text/vocabulary.ts';
import { classWeightsOf } from './class-weights.ts';
import { Clock } from './clock.ts';
import { type Evaluation, evaluatorOf } from './evaluate.ts';
import { fingerprint } from './fingerprint.ts';
import { type Progress, type Settings, type TrainOptions, trainSettings } from './options.ts';
import { checkGuesses, checkVariety, mostTokens, splitRows } from './rows.ts';
import type { EpochSums, TrainingState } from './state.ts';
import { type Sharing, STREAMS, type StepOptions, Trainer } from './trainer.ts';

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
  /** Where it stands, to resume from. Take it when the iteration has stopped or between epochs. */
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
  return new Run(model, rows, trainSettings(model.config, options), options);
}

class Run implements Training {
  readonly model: Model;
  readonly threads: Training['threads'];
  readonly #vocabulary: Vocabulary;
  readonly #settings: Settings;
  readonly #options: TrainOptions;
  readonly #newTrainer: (sharing?: Sharing) => Trainer;
  #trainer: Trainer;
  readonly #corpus: Corpus;
  readonly #targets: Targets;
  readonly #evaluate: ((weights: Weights) => Promise<Evaluation>) | undefined;
  readonly #random: RandomSource;
  /** The rows in the order of the epoch under way. */
  readonly #order: Int32Array;
  readonly #fingerprint: string;
  #epoch = 0;
  #batch = 0;
  #step = 0;
  #sums = noSums();
  #best: TrainingState['best'];
  /** Of the last epoch that is done. */
  #means = { loss: 0, accuracy: 0 };
  #validation: TrainingFacts['validation'];
  #started = false;
  #finished = false;

  constructor(model: Model, rows: readonly Row[], settings: Settings, options: TrainOptions) {
    const { config } = model;
    const module = settings.reproducible ? model.modules.exact : model.modules.fast;
    const { training, validation } = splitRows(module, config, rows, settings.validation);
    const inputs = inputsOf(config, training, 'row');
    this.model = model;
    this.#settings = settings;
    this.#options = options;
    this.#targets = targetsOf(config, training);
    checkVariety(config, training);
    const known = options.resume?.learnt ?? (model.isTrained ? model : undefined);
    this.#vocabulary = known?.vocabulary ?? learnVocabulary(textsOf(config, inputs), config.tokenizer);
    checkPredictable(config, this.#vocabulary, module);
    const encoder = new Encoder(this.#vocabulary, config.maxLength);
    this.#corpus = encodeInputs(config, encoder, inputs, settings.wordDropout > 0);
    checkGuesses(config, this.#corpus);
    if (validation.length > 0) this.#evaluate = evaluatorOf(module, config, this.#vocabulary, validation);
    this.#random = new RandomSource(module, training.length);
    this.#order = new Int32Array(training.length);
    const limits = {
      maxSequences: Math.min(settings.batchSize, training.length),
      maxRows: mostTokens(this.#corpus, settings),
    };
    const objective = {
      labelSmoothing: settings.labelSmoothing,
      classWeights: classWeightsOf(config, training, settings.classWeights),
    };
    this.#newTrainer = (sharing) =>
      new Trainer(module, config, this.#vocabulary, limits, settings.optimizer, objective, sharing);
    this.#trainer = this.#newTrainer();
    if (known) this.#trainer.network.weights.set(known.weights);
    else this.#trainer.network.initialise(config.seed);
    const note = settings.threads > 1 ? noThreads() : undefined;
    this.threads = note === undefined ? { count: settings.threads } : { count: 1, note };
    this.#fingerprint = fingerprint(training, validation, { ...settings, threads: this.threads.count });
    if (options.resume) this.#resume(options.resume);
  }

  get finished(): boolean {
    return this.#finished;
  }

  get truncated(): number {
    return this.#corpus.truncated.reduce((sum, cut) => sum + cut, 0);
  }

  state(): TrainingState {
    const learnt = { vocabulary: this.#vocabulary, facts: this.#facts() };
    return {
      learnt: { ...learnt, weights: this.#trainer.network.weights.slice() },
      epoch: this.#epoch,
      batch: this.#batch,
      step: this.#step,
      sums: { ...this.#sums },
      moments: this.#trainer.moments.slice(),
      fingerprint: this.#fingerprint,
      ...(this.#best && { best: this.#best }),
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Epoch, void, undefined> {
    if (this.#started)
      throw new UsageError('a training can be iterated once', { cause: 'Call train() again.' });
    this.#started = true;
    try {
      if (this.threads.count > 1) await this.#share();
      yield* this.#train();
    } catch (error) {
      throw error instanceof ThreadEnded ? this.#lostThread(error) : error;
    } finally {
      this.#trainer.stop();
    }
  }

  async *#train(): AsyncGenerator<Epoch, void, undefined> {
    const { epochs, optimizer, schedule } = this.#settings;
    const clock = new Clock();
    if (this.#epoch === epochs) {
      this.#finished = true;
      this.#adopt();
    }
    while (!this.#finished) {
      const index = this.#epoch;
      const learningRate = optimizer.options.learningRate * schedule.factor(index);
      clock.startEpoch();
      if (!(await this.#runEpoch(learningRate, clock))) return;
      const { loss, accuracy } = this.#sumUp();
      const { tokensPerSecond, seconds } = clock;
      const validation = await this.#evaluate?.(this.#trainer.network);
      if (validation && !Number.isFinite(validation.loss)) this.#diverged(learningRate, this.#step, true);
      this.#validation = validation && validationFacts(validation);
      this.#epoch++;
      this.#batch = 0;
      this.#finished = this.#noteBest(index) || this.#epoch >= epochs;
      this.#adopt();
      this.#means = { loss, accuracy };
      this.#sums = noSums();
      yield {
        ...{ index, loss, accuracy, learningRate, tokensPerSecond, seconds },
        ...(validation && { validation }),
      };
      if (this.#options.signal?.aborted) return;
    }
  }

  /** Goes on in a memory that several threads share, and starts them. */
  async #share(): Promise<void> {
    const { network, moments } = this.#trainer;
    const { exact, fast } = this.model.modules;
    const module = await loadSharedModule(
      this.#settings.reproducible || fast === exact ? 'plain' : 'relaxed',
    );
    this.#trainer = this.#newTrainer({ threads: this.threads.count, module });
    this.#trainer.network.weights.set(network.weights);
    this.#trainer.moments.set(moments);
  }

  /** Runs what is left of the epoch. @returns false when the signal ended it */
  async #runEpoch(learningRate: number, clock: Clock): Promise<boolean> {
    const { batchSize, batchTokens, clipNorm, wordDropout } = this.#settings;
    const { signal, onStep } = this.#options;
    const { seed } = this.model.config;
    const order = this.#order;
    order.set(this.#random.permutation(order.length, seed, STREAMS.order, this.#epoch));
    const ends = cutBatches(this.#corpus, order, batchSize, batchTokens);
    const options = { step: 0, learningRate, clipNorm, wordDropout };
    const progress: Progress = {
      epoch: this.#epoch,
      step: 0,
      steps: ends.length,
      tokens: 0,
      tokensPerSecond: 0,
      ...this.#sumUp(),
    };
    const sums = this.#sums;
    while (this.#batch < ends.length) {
      const from = this.#batch === 0 ? 0 : ends[this.#batch - 1];
      const count = ends[this.#batch] - from;
      options.step = this.#step + 1;
      const result = await this.#stepOver(order, from, count, options);
      if (!result.finite) this.#diverged(learningRate, options.step, !Number.isFinite(result.loss));
      this.#step++;
      this.#batch++;
      sums.loss += result.loss * result.weight;
      sums.weight += result.weight;
      sums.right += result.right;
      sums.rows += result.judged;
      clock.count(result.tokens);
      if (onStep) {
        progress.step = this.#batch;
        progress.loss = sums.loss / sums.weight;
        progress.accuracy = sums.right / sums.rows;
        progress.tokens = clock.tokens;
        progress.tokensPerSecond = clock.tokensPerSecond;
        onStep(progress);
      }
      await clock.breathe();
      if (signal?.aborted && this.#batch < ends.length) {
        this.#adopt();
        return false;
      }
    }
    return true;
  }

  #stepOver(rows: Int32Array, from: number, count: number, options: StepOptions) {
    const how = this.threads.count > 1 ? 'stepTogether' : 'step';
    return this.#trainer[how](this.#corpus, this.#targets, rows, from, count, options);
  }

  /** Keeps the best epoch so far. @returns whether patience has run out */
  #noteBest(epoch: number): boolean {
    const { earlyStopping } = this.#settings;
    if (!earlyStopping || !this.#validation) return false;
    const { loss, accuracy } = this.#validation;
    const value = earlyStopping.metric === 'loss' ? -loss : accuracy;
    if (!this.#best || value > this.#best.value) {
      this.#best = { epoch, value, weights: this.#trainer.network.weights.slice(), facts: this.#facts() };
    }
    return epoch - this.#best.epoch >= earlyStopping.patience;
  }

  /** Gives the model what has been learnt; at the end of a training with early stopping, the best of it. */
  #adopt(): void {
    const current = { weights: this.#trainer.network.weights, facts: this.#facts() };
    const { weights, facts } = (this.#finished && this.#best) || current;
    this.model.adopt({ vocabulary: this.#vocabulary, weights, facts });
  }

  #facts(): TrainingFacts {
    return {
      epochs: this.#epoch,
      steps: this.#step,
      rows: this.#corpus.numRows,
      ...this.#sumUp(),
      ...(this.#validation && { validation: this.#validation }),
      optimizer: this.#settings.optimizer.kind,
    };
  }

  /** Means over the epoch under way, or over the last one before the next has begun. */
  #sumUp(): { loss: number; accuracy: number } {
    const { loss, weight, right, rows } = this.#sums;
    return rows > 0 ? { loss: loss / weight, accuracy: right / rows } : this.#means;
  }

  /**
   * @param step at which the loss or the parameters are no longer numbers
   * @param isLoss whether it is the loss: then the step before led there, and is undone
   */
  #diverged(learningRate: number, step: number, isLoss: boolean): never {
    const any = this.#step > 0;
    if (any && isLoss) {
      this.#trainer.undo();
      this.#step--;
    }
    if (any) this.#adopt();
    throw new TrainingError(`the loss is no longer a number at step ${step}, epoch ${this.#epoch + 1}`, {
      step,
      epoch: this.#epoch + 1,
      cause:
        isLoss && !any
          ? 'Nothing has been learnt yet, so the parameters that training began with were not finite.'
          : `The learning rate, ${learningRate}, is probably too high: try a tenth of it, or clipNorm: 1. ` +
            'The model keeps its last good parameters.',
    });
  }

  #lostThread({ message }: ThreadEnded): TrainingError {
    const [step, epoch] = [this.#step + 1, this.#epoch + 1];
    if (this.#step > 0) this.#adopt();
    return new TrainingError(`a thread of the training ended at step ${step}, epoch ${epoch}: ${message}`, {
      step,
      epoch,
      cause: 'The model keeps its last good parameters. Train with fewer threads if memory is short.',
    });
  }

  #resume(state: TrainingState): void {
    const { moments } = this.#trainer;
    const { epochs } = this.#settings;
    if (state.fingerprint !== this.#fingerprint || state.moments.length !== moments.length) {
      throw new DataError('the checkpoint does not belong to this training', {
        expected: 'the rows and options it was written with',
        got: 'others',
        cause: 'Resume with the same file and the same options; only epochs may differ.',
      });
    }
    if (state.epoch > epochs || (state.epoch === epochs && state.batch > 0)) {
      throw new UsageError('epochs', {
        expected: `at least ${state.epoch + (state.batch > 0 ? 1 : 0)}, as many as the checkpoint has begun`,
        got: String(epochs),
      });
    }
    this.#epoch = state.epoch;
    this.#batch = state.batch;
    this.#step = state.step;
    this.#sums = { ...state.sums };
    this.#best = state.best;
    const { loss, accuracy, validation } = state.learnt.facts;
    this.#means = { loss, accuracy };
    this.#validation = validation;
    moments.set(state.moments);
  }
}

function validationFacts({ rows, loss, accuracy }: Evaluation) {
  return { rows, loss, accuracy };
}

function noSums(): EpochSums {
  return { loss: 0, weight: 0, right: 0, rows: 0 };
}
