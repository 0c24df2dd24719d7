import { TrainingError, UsageError } from '../runtime/errors.ts';
import { randomSource } from '../runtime/random.ts';
import { ThreadEnded } from '../runtime/team.ts';
import { startClock } from './clock.ts';
import { factsOf } from './facts.ts';
import type { Settings } from './options.ts';
import { breather } from './pause.ts';
import { STREAMS } from './streams.ts';
import { type Sums, sumsFrom } from './sums.ts';
import type { JointEpoch, Part, SourceEpoch, TogetherOptions } from './together.ts';
import type { Trainer } from './trainer.ts';

/** A part in training. */
interface Head extends Part {
  readonly trainer: Trainer;
  readonly sums: Sums;
  steps: number;
}

/**
 * Several models in training that share a trunk. Each has it in its own memory; who steps next, is handed it first.
 * @param shared layers that all parts begin with
 * @param begin the part whose trunk all begin with
 * @param settings those that the parts have in common
 */
export function jointTraining(
  parts: readonly Part[],
  shared: number,
  begin: number,
  sampling: NonNullable<TogetherOptions['sampling']>,
  settings: Settings,
  signal: AbortSignal | undefined,
): AsyncIterable<JointEpoch> {
  const { optimizer, schedule, epochs } = settings;
  const clock = startClock();
  const breathe = breather();
  /** Who holds the trunk as it is now. */
  let holder = begin;
  let epoch = 0;
  let step = 0;
  /** What validation said of the first source after each epoch, for schedules that ask. */
  let losses: readonly number[] = [];
  let started = false;

  const failed = (what: string) =>
    new TrainingError(`${what} at step ${step + 1}, epoch ${epoch + 1}`, {
      step: step + 1,
      epoch: epoch + 1,
      cause:
        'The models hold what they knew after the last whole epoch. Try a tenth of the learning rate, or clipNorm: 1.',
    });

  /** Whose batches come when. */
  const orderOf = (counts: readonly number[]): { source: number; batch: number }[] => {
    if (sampling === 'roundRobin') {
      return Array.from({ length: counts[0] * counts.length }, (_, i) => {
        const source = i % counts.length;
        return { source, batch: Math.floor(i / counts.length) % counts[source] };
      });
    }
    const all = counts.flatMap((count, source) =>
      Array.from({ length: count }, (_, batch) => ({ source, batch })),
    );
    const [{ model }] = parts;
    const random = randomSource(model.modules.exact, all.length);
    const order = random.permutation(all.length, model.config.seed, STREAMS.sources, epoch);
    return Array.from(order, (i) => all[i]);
  };

  /** Copies the trunk, and the optimiser's memory of it, to the one who goes on with it. */
  const handTo = (heads: readonly Head[], source: number) => {
    if (source === holder) return;
    const [from, to] = [holder, source].map((s) => heads[s].trainer.known(shared));
    to.weights.set(from.weights);
    to.moments.set(from.moments);
    holder = source;
  };

  /** Gives a model the trunk and its head as they are now, and says how the source did. */
  const end = async (heads: readonly Head[], source: number): Promise<SourceEpoch> => {
    const { model, trainer, sums, setup, steps } = heads[source];
    handTo(heads, source);
    const { means } = sums;
    const validation = await setup.evaluate?.({ weights: trainer.given });
    sums.end();
    const facts = factsOf(setup, settings, { epochs: epoch, steps: step }, means, validation);
    model.adopt({ vocabulary: setup.vocabulary, weights: trainer.given.slice(), facts });
    return { steps, ...means, ...(validation && { validation }) };
  };

  /** An epoch, or what of it was done when the signal came. */
  const runEpoch = async (heads: readonly Head[]): Promise<JointEpoch> => {
    const order = orderOf(heads.map(({ setup }) => setup.batches.shuffle(epoch)));
    clock.startEpoch();
    for (const head of heads) head.steps = 0;
    let learningRate = 0;
    for (const [i, { source, batch }] of order.entries()) {
      const { trainer, sums, setup, weight, name } = heads[source];
      learningRate =
        optimizer.options.learningRate *
        schedule.factor({ step, epoch: epoch + i / order.length, epochs, losses });
      handTo(heads, source);
      const how = setup.threads.count > 1 ? 'stepTogether' : 'step';
      const result = await trainer[how](setup.batches.at(batch), step + 1, learningRate * weight);
      if (!result.finite) throw failed(`the loss of "${name}" is no longer a number`);
      step++;
      heads[source].steps++;
      sums.add(result);
      await breathe();
      if (signal?.aborted) break;
    }
    const index = epoch++;
    const sources: Record<string, SourceEpoch> = {};
    for (const [s, { name }] of heads.entries()) sources[name] = await end(heads, s);
    const { validation } = sources[heads[0].name];
    if (validation) losses = [...losses, validation.loss];
    return { index, learningRate, seconds: clock.seconds, sources };
  };

  return {
    async *[Symbol.asyncIterator]() {
      if (started)
        throw new UsageError('a training can be iterated once', { cause: 'Call trainTogether() again.' });
      started = true;
      const heads: Head[] = [];
      try {
        for (const part of parts) {
          heads.push({ ...part, trainer: await part.setup.begin(), sums: sumsFrom(), steps: 0 });
        }
        while (epoch < epochs && !signal?.aborted) yield await runEpoch(heads);
      } catch (error) {
        throw error instanceof ThreadEnded ? failed(`a thread ended: ${error.message}`) : error;
      } finally {
        for (const { trainer } of heads) trainer.stop();
      }
    },
  };
}
