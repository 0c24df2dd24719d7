import type { TrainingFacts } from '../model/model.ts';
import { TrainingError, UsageError } from '../runtime/errors.ts';
import { RandomSource } from '../runtime/random.ts';
import { ThreadEnded } from '../runtime/team.ts';
import { Clock } from './clock.ts';
import type { Settings } from './options.ts';
import { STREAMS } from './streams.ts';
import { Sums } from './sums.ts';
import type { JointEpoch, Part, SourceEpoch, TogetherOptions } from './together.ts';
import type { Trainer } from './trainer.ts';

/** A part in training. */
interface Head extends Part {
  readonly trainer: Trainer;
  readonly sums: Sums;
  steps: number;
}

/** Several models in training that share a trunk. Each has it in its own memory; who steps next, is handed it first. */
export class JointRun implements AsyncIterable<JointEpoch> {
  readonly #parts: readonly Part[];
  readonly #shared: number;
  readonly #sampling: NonNullable<TogetherOptions['sampling']>;
  readonly #settings: Settings;
  readonly #signal: AbortSignal | undefined;
  readonly #clock = new Clock();
  /** Who holds the trunk as it is now. */
  #holder: number;
  #epoch = 0;
  #step = 0;
  /** What validation said of the first source after each epoch, for schedules that ask. */
  #losses: readonly number[] = [];
  #started = false;

  /**
   * @param shared layers that all parts begin with
   * @param begin the part whose trunk all begin with
   * @param settings those that the parts have in common
   */
  constructor(
    parts: readonly Part[],
    shared: number,
    begin: number,
    sampling: NonNullable<TogetherOptions['sampling']>,
    settings: Settings,
    signal: AbortSignal | undefined,
  ) {
    this.#parts = parts;
    this.#shared = shared;
    this.#holder = begin;
    this.#sampling = sampling;
    this.#settings = settings;
    this.#signal = signal;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JointEpoch, void, undefined> {
    if (this.#started)
      throw new UsageError('a training can be iterated once', { cause: 'Call trainTogether() again.' });
    this.#started = true;
    const heads: Head[] = [];
    try {
      for (const part of this.#parts) {
        heads.push({ ...part, trainer: await part.setup.begin(), sums: new Sums(), steps: 0 });
      }
      while (this.#epoch < this.#settings.epochs && !this.#signal?.aborted) yield await this.#runEpoch(heads);
    } catch (error) {
      throw error instanceof ThreadEnded ? this.#failed(`a thread ended: ${error.message}`) : error;
    } finally {
      for (const { trainer } of heads) trainer.stop();
    }
  }

  /** An epoch, or what of it was done when the signal came. */
  async #runEpoch(heads: readonly Head[]): Promise<JointEpoch> {
    const { optimizer, schedule, epochs } = this.#settings;
    const order = this.#orderOf(heads.map(({ setup }) => setup.batches.shuffle(this.#epoch)));
    this.#clock.startEpoch();
    for (const head of heads) head.steps = 0;
    let learningRate = 0;
    for (const [i, { source, batch }] of order.entries()) {
      const place = { step: this.#step, epoch: this.#epoch + i / order.length, epochs, losses: this.#losses };
      learningRate = optimizer.options.learningRate * schedule.factor(place);
      await this.#stepOver(heads, source, batch, learningRate);
      await this.#clock.breathe();
      if (this.#signal?.aborted) break;
    }
    this.#epoch++;
    const sources: Record<string, SourceEpoch> = {};
    for (let s = 0; s < heads.length; s++) sources[heads[s].name] = await this.#end(heads, s);
    const { validation } = sources[heads[0].name];
    if (validation) this.#losses = [...this.#losses, validation.loss];
    const index = this.#epoch - 1;
    return { index, learningRate, seconds: this.#clock.seconds, sources };
  }

  async #stepOver(
    heads: readonly Head[],
    source: number,
    number: number,
    learningRate: number,
  ): Promise<void> {
    const { trainer, sums, setup, weight, name } = heads[source];
    this.#handTo(heads, source);
    const batch = setup.batches.at(number);
    const how = setup.threads.count > 1 ? 'stepTogether' : 'step';
    const result = await trainer[how](batch, this.#step + 1, learningRate * weight);
    if (!result.finite) throw this.#failed(`the loss of "${name}" is no longer a number`);
    this.#step++;
    heads[source].steps++;
    sums.add(result);
  }

  /** Gives a model the trunk and its head as they are now, and says how the source did. */
  async #end(heads: readonly Head[], source: number): Promise<SourceEpoch> {
    const { model, trainer, sums, setup, steps } = heads[source];
    this.#handTo(heads, source);
    const means = sums.means;
    const validation = await setup.evaluate?.({ weights: trainer.given });
    sums.end();
    const facts: TrainingFacts = {
      epochs: this.#epoch,
      steps: this.#step,
      rows: setup.batches.corpus.numRows,
      ...means,
      ...(validation && {
        validation: { rows: validation.rows, loss: validation.loss, accuracy: validation.accuracy },
      }),
      optimizer: this.#settings.optimizer.kind,
    };
    model.adopt({ vocabulary: setup.vocabulary, weights: trainer.given.slice(), facts });
    return { steps, ...means, ...(validation && { validation }) };
  }

  /** Copies the trunk, and the optimiser's memory of it, to the one who goes on with it. */
  #handTo(heads: readonly Head[], source: number): void {
    if (source === this.#holder) return;
    const [from, to] = [this.#holder, source].map((s) => heads[s].trainer.known(this.#shared));
    to.weights.set(from.weights);
    to.moments.set(from.moments);
    this.#holder = source;
  }

  /** Whose batches come when. */
  #orderOf(counts: readonly number[]): { source: number; batch: number }[] {
    if (this.#sampling === 'roundRobin') {
      return Array.from({ length: counts[0] * counts.length }, (_, i) => {
        const source = i % counts.length;
        return { source, batch: Math.floor(i / counts.length) % counts[source] };
      });
    }
    const all = counts.flatMap((count, source) =>
      Array.from({ length: count }, (_, batch) => ({ source, batch })),
    );
    const [{ model }] = this.#parts;
    const random = new RandomSource(model.modules.exact, all.length);
    const order = random.permutation(all.length, model.config.seed, STREAMS.sources, this.#epoch);
    return Array.from(order, (i) => all[i]);
  }

  #failed(what: string): TrainingError {
    return new TrainingError(`${what} at step ${this.#step + 1}, epoch ${this.#epoch + 1}`, {
      step: this.#step + 1,
      epoch: this.#epoch + 1,
      cause:
        'The models hold what they knew after the last whole epoch. Try a tenth of the learning rate, or clipNorm: 1.',
    });
  }
}
