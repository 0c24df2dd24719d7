import type { Model, TrainingFacts } from '../model/model.ts';
import type { Row } from '../model/targets.ts';
import { TrainingError, UsageError } from '../runtime/errors.ts';
import { ThreadEnded } from '../runtime/team.ts';
import { takenAfter } from './average.ts';
import { Clock } from './clock.ts';
import type { Progress, Settings, TrainOptions } from './options.ts';
import { checkResume, restoreMoments } from './resume.ts';
import { type Setup, setUp } from './setup.ts';
import type { TrainingState } from './state.ts';
import { Sums } from './sums.ts';
import type { Epoch, Training } from './train.ts';
import type { Trainer } from './trainer.ts';

/** A training under way. */
export class Run implements Training {
  readonly model: Model;
  readonly #settings: Settings;
  readonly #options: TrainOptions;
  readonly #setup: Setup;
  readonly #sums = new Sums();
  readonly #clock = new Clock();
  #trainer: Trainer | undefined;
  /** The epoch under way, the batches of it that are done, and the steps of all. */
  #epoch = 0;
  #batch = 0;
  #step = 0;
  /** Parameters that are in the average which the model is given. */
  #taken = 0;
  /** What validation said after each epoch. */
  #losses: readonly number[] = [];
  #validation: TrainingFacts['validation'];
  #best: TrainingState['best'];
  /** The parameters that the model predicts with while training moves its own. */
  #kept: Float32Array | undefined;
  #learningRate = 0;
  #started = false;
  #finished = false;

  constructor(model: Model, rows: readonly Row[], settings: Settings, options: TrainOptions) {
    const { resume } = options;
    this.model = model;
    this.#settings = settings;
    this.#options = options;
    this.#setup = setUp(model, rows, settings, resume);
    if (!resume) return;
    checkResume(resume, this.#setup.fingerprint, settings.epochs);
    const { facts } = resume.learnt;
    this.#epoch = resume.epoch;
    this.#batch = resume.batch;
    this.#step = resume.step;
    this.#taken = resume.taken ?? 0;
    this.#sums.restore(resume.sums, facts);
    this.#losses = resume.losses;
    this.#validation = facts.validation;
    this.#best = resume.best;
  }

  get finished(): boolean {
    return this.#finished;
  }

  get truncated(): number {
    return this.#setup.batches.corpus.truncated.reduce((sum, cut) => sum + cut, 0);
  }

  get threads(): Training['threads'] {
    return this.#setup.threads;
  }

  state(): TrainingState {
    if (!this.#trainer) {
      throw new UsageError('this training has not begun', { cause: 'Iterate it first: for await (…).' });
    }
    const { vocabulary, fingerprint } = this.#setup;
    const weights = this.#trainer.network.weights.slice();
    return {
      learnt: { vocabulary, weights, facts: this.#facts() },
      epoch: this.#epoch,
      batch: this.#batch,
      step: this.#step,
      sums: this.#sums.state(),
      ...(this.#settings.average && { taken: this.#taken }),
      losses: this.#losses,
      moments: this.#trainer.moments.slice(),
      fingerprint,
      ...(this.#best && { best: this.#best }),
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Epoch, void, undefined> {
    if (this.#started)
      throw new UsageError('a training can be iterated once', { cause: 'Call train() again.' });
    this.#started = true;
    const trainer = await this.#setup.begin();
    const { resume } = this.#options;
    if (resume) restoreMoments(trainer.moments, resume.moments);
    this.#trainer = trainer;
    try {
      yield* this.#train(trainer);
    } catch (error) {
      throw error instanceof ThreadEnded ? this.#lostThread(trainer, error) : error;
    } finally {
      trainer.stop();
    }
  }

  async *#train(trainer: Trainer): AsyncGenerator<Epoch, void, undefined> {
    const { epochs } = this.#settings;
    if (this.#epoch === epochs) {
      this.#finished = true;
      this.#adopt(trainer);
    }
    while (!this.#finished) {
      const index = this.#epoch;
      this.#clock.startEpoch();
      if (!(await this.#runEpoch(trainer))) return;
      const { tokensPerSecond, seconds } = this.#clock;
      const means = this.#sums.means;
      const validation = await this.#setup.evaluate?.({ weights: trainer.given });
      if (validation) {
        const { rows, loss, accuracy } = validation;
        if (!Number.isFinite(loss)) this.#diverged(trainer, this.#step, true);
        this.#losses = [...this.#losses, loss];
        this.#validation = { rows, loss, accuracy };
      }
      this.#epoch++;
      this.#batch = 0;
      this.#finished = this.#noteBest(trainer, index) || this.#epoch >= epochs;
      this.#adopt(trainer);
      this.#sums.end();
      const learningRate = this.#learningRate;
      yield { index, ...means, learningRate, tokensPerSecond, seconds, ...(validation && { validation }) };
      if (this.#options.signal?.aborted) return;
    }
  }

  /** Runs what is left of the epoch. @returns false when the signal ended it */
  async #runEpoch(trainer: Trainer): Promise<boolean> {
    const { optimizer, schedule, average, warmUp, epochs } = this.#settings;
    const { signal, onStep } = this.#options;
    const { batches, threads } = this.#setup;
    const how = threads.count > 1 ? 'stepTogether' : 'step';
    const steps = batches.shuffle(this.#epoch);
    const place = { step: 0, epoch: 0, epochs, losses: this.#losses };
    const progress: Progress = {
      epoch: this.#epoch,
      step: 0,
      steps,
      loss: 0,
      accuracy: 0,
      tokens: 0,
      tokensPerSecond: 0,
    };
    while (this.#batch < steps) {
      place.step = this.#step;
      place.epoch = this.#epoch + this.#batch / steps;
      const risen = Math.min(1, (this.#step + 1) / (warmUp + 1));
      this.#learningRate = optimizer.options.learningRate * risen * schedule.factor(place);
      const share = average?.share(this.#taken, place) ?? 1;
      const batch = batches.at(this.#batch);
      const result = await trainer[how](batch, this.#step + 1, this.#learningRate, share);
      if (!result.finite) this.#diverged(trainer, this.#step + 1, !Number.isFinite(result.loss));
      this.#step++;
      this.#taken = takenAfter(this.#taken, share);
      this.#batch++;
      this.#sums.add(result);
      this.#clock.count(result.tokens);
      if (onStep) {
        progress.step = this.#batch;
        progress.loss = this.#sums.loss;
        progress.accuracy = this.#sums.accuracy;
        progress.tokens = this.#clock.tokens;
        progress.tokensPerSecond = this.#clock.tokensPerSecond;
        onStep(progress);
      }
      await this.#clock.breathe();
      if (signal?.aborted && this.#batch < steps) {
        this.#adopt(trainer);
        return false;
      }
    }
    return true;
  }

  /** Keeps the best epoch so far. @returns whether patience has run out */
  #noteBest(trainer: Trainer, epoch: number): boolean {
    const { earlyStopping } = this.#settings;
    if (!earlyStopping || !this.#validation) return false;
    const { loss, accuracy } = this.#validation;
    const value = earlyStopping.metric === 'loss' ? -loss : accuracy;
    if (!this.#best || value > this.#best.value) {
      this.#best = { epoch, value, weights: trainer.given.slice(), facts: this.#facts() };
    }
    return epoch - this.#best.epoch >= earlyStopping.patience;
  }

  /** Gives the model what has been learnt; at the end of a training with early stopping, the best of it. */
  #adopt({ given }: Trainer): void {
    const { vocabulary } = this.#setup;
    if (this.#finished && this.#best) {
      const { weights, facts } = this.#best;
      this.model.adopt({ vocabulary, weights, facts });
    } else {
      this.#kept ??= new Float32Array(given.length);
      this.#kept.set(given);
      this.model.adopt({ vocabulary, weights: this.#kept, facts: this.#facts() });
    }
  }

  #facts(): TrainingFacts {
    return {
      epochs: this.#epoch,
      steps: this.#step,
      rows: this.#setup.batches.corpus.numRows,
      ...this.#sums.means,
      ...(this.#validation && { validation: this.#validation }),
      optimizer: this.#settings.optimizer.kind,
    };
  }

  /**
   * @param step at which the loss or the parameters are no longer numbers
   * @param isLoss whether it is the loss: then the step before led there, and is undone
   */
  #diverged(trainer: Trainer, step: number, isLoss: boolean): never {
    const any = this.#step > 0;
    if (any && isLoss) {
      trainer.undo();
      this.#step--;
    }
    if (any) this.#adopt(trainer);
    throw new TrainingError(`the loss is no longer a number at step ${step}, epoch ${this.#epoch + 1}`, {
      step,
      epoch: this.#epoch + 1,
      cause:
        isLoss && !any
          ? 'Nothing has been learnt yet, so the parameters that training began with were not finite.'
          : `The learning rate, ${this.#learningRate}, is probably too high: try a tenth of it, or clipNorm: 1. ` +
            'The model keeps its last good parameters.',
    });
  }

  #lostThread(trainer: Trainer, { message }: ThreadEnded): TrainingError {
    const [step, epoch] = [this.#step + 1, this.#epoch + 1];
    if (this.#step > 0) this.#adopt(trainer);
    return new TrainingError(`a thread of the training ended at step ${step}, epoch ${epoch}: ${message}`, {
      step,
      epoch,
      cause: 'The model keeps its last good parameters. Train with fewer threads if memory is short.',
    });
  }
}
