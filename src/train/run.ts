import type { Model } from '../model/model.ts';
import type { Row } from '../model/targets.ts';
import { TrainingError, UsageError } from '../runtime/errors.ts';
import { ThreadEnded } from '../runtime/team.ts';
import { takenAfter } from './average.ts';
import { startClock } from './clock.ts';
import { factsOf } from './facts.ts';
import type { Progress, Settings, TrainOptions } from './options.ts';
import { breather } from './pause.ts';
import { checkResume, restoreMoments } from './resume.ts';
import { setUp } from './setup.ts';
import type { TrainingState } from './state.ts';
import { sumsFrom } from './sums.ts';
import type { Epoch, Training } from './train.ts';
import type { Trainer } from './trainer.ts';

/** A training that has not begun, or goes on where another stood. */
export function trainingOf(
  model: Model,
  rows: readonly Row[],
  settings: Settings,
  { resume, signal, onStep }: TrainOptions,
): Training {
  const { optimizer, schedule, average, warmUp, epochs, earlyStopping } = settings;
  const setup = setUp(model, rows, settings, resume);
  const { vocabulary, fingerprint, batches, threads } = setup;
  if (resume) checkResume(resume, fingerprint, epochs);
  const sums = sumsFrom(resume?.sums, resume?.learnt.facts);
  const clock = startClock();
  const breathe = breather();
  /**
   * The epoch under way, the batches of it that are done, and the steps of all; the parameters that are in the average which
   * the model is given; and what validation said after each epoch.
   */
  let { epoch = 0, batch = 0, step = 0, taken = 0, losses = [], best }: Partial<TrainingState> = resume ?? {};
  let validation = resume?.learnt.facts.validation;
  /** The parameters that the model predicts with while training moves its own. */
  let kept: Float32Array | undefined;
  let begun: Trainer | undefined;
  let learningRate = 0;
  let started = false;
  let finished = false;

  const facts = () => factsOf(setup, settings, { epochs: epoch, steps: step }, sums.means, validation);

  /** Gives the model what has been learnt; at the end of a training with early stopping, the best of it. */
  const adopt = ({ given }: Trainer) => {
    if (finished && best) {
      const { weights, facts } = best;
      model.adopt({ vocabulary, weights, facts });
      return;
    }
    kept ??= new Float32Array(given.length);
    kept.set(given);
    model.adopt({ vocabulary, weights: kept, facts: facts() });
  };

  /**
   * @param failed the step at which the loss or the parameters are no longer numbers
   * @param isLoss whether it is the loss: then the step before led there, and is undone
   */
  const diverged = (trainer: Trainer, failed: number, isLoss: boolean) => {
    const any = step > 0;
    if (any && isLoss) {
      trainer.undo();
      step--;
    }
    if (any) adopt(trainer);
    return new TrainingError(`the loss is no longer a number at step ${failed}, epoch ${epoch + 1}`, {
      step: failed,
      epoch: epoch + 1,
      cause:
        isLoss && !any
          ? 'Nothing has been learnt yet, so the parameters that training began with were not finite.'
          : `The learning rate, ${learningRate}, is probably too high: try a tenth of it, or clipNorm: 1. ` +
            'The model keeps its last good parameters.',
    });
  };

  const lostThread = (trainer: Trainer, { message }: ThreadEnded) => {
    const failed = { step: step + 1, epoch: epoch + 1 };
    if (step > 0) adopt(trainer);
    const at = `step ${failed.step}, epoch ${failed.epoch}`;
    return new TrainingError(`a thread of the training ended at ${at}: ${message}`, {
      ...failed,
      cause: 'The model keeps its last good parameters. Train with fewer threads if memory is short.',
    });
  };

  /** Runs what is left of the epoch. @returns false when the signal ended it */
  const runEpoch = async (trainer: Trainer) => {
    const how = threads.count > 1 ? 'stepTogether' : 'step';
    const steps = batches.shuffle(epoch);
    const place = { step, epoch, epochs, losses };
    const progress: Progress = {
      epoch,
      step: 0,
      steps,
      loss: 0,
      accuracy: 0,
      tokens: 0,
      tokensPerSecond: 0,
    };
    while (batch < steps) {
      place.step = step;
      place.epoch = epoch + batch / steps;
      const risen = Math.min(1, (step + 1) / (warmUp + 1));
      learningRate = optimizer.options.learningRate * risen * schedule.factor(place);
      const share = average?.share(taken, place) ?? 1;
      const result = await trainer[how](batches.at(batch), step + 1, learningRate, share);
      if (!result.finite) throw diverged(trainer, step + 1, !Number.isFinite(result.loss));
      step++;
      taken = takenAfter(taken, share);
      batch++;
      sums.add(result);
      clock.count(result.tokens);
      if (onStep) {
        const { tokens, tokensPerSecond } = clock;
        onStep(Object.assign(progress, { step: batch, ...sums.means, tokens, tokensPerSecond }));
      }
      await breathe();
      if (signal?.aborted && batch < steps) {
        adopt(trainer);
        return false;
      }
    }
    return true;
  };

  /** Keeps the best epoch so far. @returns whether patience has run out */
  const noteBest = (trainer: Trainer, index: number) => {
    if (!earlyStopping || !validation) return false;
    const { loss, accuracy } = validation;
    const value = earlyStopping.metric === 'loss' ? -loss : accuracy;
    if (!best || value > best.value) {
      best = { epoch: index, value, weights: trainer.given.slice(), facts: facts() };
    }
    return index - best.epoch >= earlyStopping.patience;
  };

  async function* train(trainer: Trainer): AsyncGenerator<Epoch, void, undefined> {
    if (epoch === epochs) {
      finished = true;
      adopt(trainer);
    }
    while (!finished) {
      const index = epoch;
      clock.startEpoch();
      if (!(await runEpoch(trainer))) return;
      const { tokensPerSecond, seconds } = clock;
      const { means } = sums;
      const judged = await setup.evaluate?.({ weights: trainer.given });
      if (judged) {
        if (!Number.isFinite(judged.loss)) throw diverged(trainer, step, true);
        losses = [...losses, judged.loss];
        validation = judged;
      }
      epoch++;
      batch = 0;
      finished = noteBest(trainer, index) || epoch >= epochs;
      adopt(trainer);
      sums.end();
      yield {
        index,
        ...means,
        learningRate,
        tokensPerSecond,
        seconds,
        ...(judged && { validation: judged }),
      };
      if (signal?.aborted) return;
    }
  }

  return {
    model,
    threads,
    get finished() {
      return finished;
    },
    get truncated() {
      return batches.corpus.truncated.reduce((sum, cut) => sum + cut, 0);
    },
    state() {
      if (!begun) {
        throw new UsageError('this training has not begun', { cause: 'Iterate it first: for await (…).' });
      }
      return {
        learnt: { vocabulary, weights: begun.network.weights.slice(), facts: facts() },
        epoch,
        batch,
        step,
        sums: sums.state(),
        ...(average && { taken }),
        losses,
        moments: begun.moments.slice(),
        fingerprint,
        ...(best && { best }),
      };
    },
    async *[Symbol.asyncIterator]() {
      if (started) throw new UsageError('a training can be iterated once', { cause: 'Call train() again.' });
      started = true;
      const trainer = await setup.begin();
      if (resume) restoreMoments(trainer.moments, resume.moments);
      begun = trainer;
      try {
        yield* train(trainer);
      } catch (error) {
        throw error instanceof ThreadEnded ? lostThread(trainer, error) : error;
      } finally {
        trainer.stop();
      }
    },
  };
}
