import type { PackedBatch } from '../data/batch.ts';
import { dealerFor } from '../data/deal.ts';
import { unionOf } from '../data/union.ts';
import { type ModelConfig, networkSpec } from '../model/config.ts';
import { type Network, networkOf } from '../model/network.ts';
import { type BatchLimits, planNetwork } from '../model/network-plan.ts';
import { randomSource } from '../runtime/random.ts';
import { startTeam } from '../runtime/team.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import type { Batch } from './batch.ts';
import { type LossBlocks, lossHead, type ObjectiveOptions } from './objective.ts';
import { shareOf } from './share.ts';
import { STREAMS } from './streams.ts';
import { GATHER, MOVE, updateOf } from './update.ts';
import { planUpdate, type UpdateOptions } from './update-plan.ts';

/** What a trainer does with every batch. */
export interface TrainerOptions extends UpdateOptions {
  readonly objective: ObjectiveOptions;
  /** Share of known words shown as their character n-grams. */
  readonly wordDropout: number;
}

/** Several threads, and the kernels over a memory that they can share. */
export interface Sharing {
  readonly threads: number;
  readonly module: WebAssembly.Module;
}

/** What came of a step, in one object that every step fills anew. */
export interface StepResult {
  /** Mean loss over the batch before the step, in nats. */
  loss: number;
  /** Σ weights of its targets. */
  weight: number;
  /** Texts, words or guesses that were judged, and how many of them were right. */
  judged: number;
  right: number;
  /** Packed rows. */
  tokens: number;
  /** Global norm of the gradients, before it is clipped. */
  gradientNorm: number;
  /** Whether all this, and the parameters after the step, are numbers. */
  finite: boolean;
}

/**
 * One network in training: a step at a time, nothing allocated from step to step. Several threads share each
 * batch: every one runs forward and backward over its rows, then each parameter is moved by whoever is free.
 */
export interface Trainer {
  readonly network: Network<LossBlocks>;
  /** The optimiser's memory of past gradients. */
  readonly moments: Float32Array;
  /** What a model is given: the parameters, or averages of them; it may change with the next step. */
  readonly given: Float32Array;
  /** What is known of the first so many layers: their parameters, and the optimiser's memory of them. */
  known(layers: number): { readonly weights: Float32Array; readonly moments: Float32Array };
  /**
   * One optimiser step over a batch, by this thread alone.
   * @param step counted from 1 over the whole training
   * @param share how far averages of the parameters go towards them
   * @returns a result that the next step overwrites; where it is not finite, nothing has moved
   */
  step(batch: Batch, step: number, learningRate: number, share?: number): StepResult;
  /**
   * The same, all threads together.
   * @throws ThreadEnded when one of them is no more; nothing has moved
   */
  stepTogether(batch: Batch, step: number, learningRate: number, share?: number): Promise<StepResult>;
  /** Takes the last step's move back. */
  undo(): void;
  /** Ends the other threads. */
  stop(): void;
}

/**
 * Plans the network and its update.
 * @param limits of a whole batch
 * @param sharing by default this thread does all
 */
export function trainerOf(
  module: WebAssembly.Module,
  config: ModelConfig,
  vocabulary: Vocabulary,
  limits: BatchLimits,
  options: TrainerOptions,
  sharing: Sharing = { threads: 1, module },
): Trainer {
  const { threads } = sharing;
  const { objective, clipNorm, wordDropout } = options;
  const spec = networkSpec(config, vocabulary);
  const own = shareLimits(limits, threads, config.maxLength);
  const plan = planNetwork(sharing.module, spec, 'train', own, lossHead(config, objective), { threads });
  const updatePlan = planUpdate(plan, options);
  const network = networkOf(sharing.module, plan);
  const { parameters, weights, machine } = network;
  const { prepare, forward, backward } = network.calls;
  const moments = machine.region('moments');
  /** One for each thread; the first is this one's. */
  const shares = [network, ...network.others].map((part) => shareOf(part, config, objective));
  const dealer = dealerFor(threads, limits.maxSequences);
  /** The rows of the embedding that the batch shows. */
  const touched = unionOf(plan.batch.touched.bytes / 4);
  const update = updateOf(network, updatePlan);
  /** Where averages and parameters are put together. */
  const given = update.averages.some(Boolean) ? new Float32Array(weights.length) : weights;
  const calls = [...prepare, ...forward, ...backward];
  const team =
    threads > 1 ? startTeam(sharing.module, machine, calls, [updatePlan.gather, updatePlan.move]) : undefined;
  const random = randomSource(module, own.maxRows);
  const batches: PackedBatch[] = [];
  const result: StepResult = {
    loss: 0,
    weight: 0,
    judged: 0,
    right: 0,
    tokens: 0,
    gradientNorm: 0,
    finite: true,
  };

  /** The packed rows whose words are shown as if unknown. */
  const dropped = (draw: number) =>
    wordDropout > 0 ? random.mask(own.maxRows, wordDropout, config.seed, STREAMS.words, draw) : undefined;

  /** Deals the rows out and packs each thread's. */
  const enter = (batch: Batch, step: number) => {
    dealer.deal(batch);
    touched.clear();
    result.weight = 0;
    result.tokens = 0;
    for (let s = 0; s < threads; s++) {
      const { objective, view } = shares[s];
      const draw = step * threads + s; // no two draws of a training are alike
      const packed = shares[s].enter(batch, dealer, s, dropped(draw));
      view.set('step', draw);
      result.weight += objective.weight;
      result.tokens += packed.numRows;
      touched.add(packed.touched, packed.numTouched);
      batches[s] = packed;
    }
    network.touch(touched.numbers, touched.count);
    for (let s = 0; s < threads; s++) {
      const { objective, view } = shares[s];
      objective.scale(result.weight);
      view.set('shareB', batches[s].numSequences / batch.count);
      view.set('shareN', batches[s].numRows / result.tokens);
    }
  };

  /** This thread's part of the work. */
  const run = () => {
    network.prepare();
    network.forward();
    network.backward();
  };

  /** Says what came of the pass. @returns whether the loss is a number; where not, nothing is kept of the gradients */
  const judge = () => {
    result.loss = 0;
    result.judged = 0;
    result.right = 0;
    for (let s = 0; s < threads; s++) {
      const { objective } = shares[s];
      if (batches[s].numSequences > 0) result.loss += objective.loss;
      result.judged += objective.numJudged;
      result.right += objective.numRight();
    }
    result.gradientNorm = NaN;
    result.finite = Number.isFinite(result.loss);
    if (result.finite) update.enter(touched.count);
    return result.finite;
  };

  /** Takes the norm of the gradients, and says how they shall move the parameters. @returns whether it is a number */
  const measure = (step: number, learningRate: number, share: number) => {
    const { norm } = update;
    result.gradientNorm = norm;
    result.finite = Number.isFinite(norm);
    update.prepare(step, learningRate, norm > clipNorm ? clipNorm / norm : 1, share);
    return result.finite;
  };

  /** Takes the move back where parameters are no longer numbers. */
  const check = () => {
    result.finite = Number.isFinite(update.norm);
    if (!result.finite) update.undo();
  };

  return {
    network,
    moments,
    get given() {
      if (given === weights) return weights;
      given.set(weights);
      for (const [i, average] of update.averages.entries()) {
        if (average) given.set(average, (parameters[i].value.pointer - weights.byteOffset) / 4);
      }
      return given;
    },
    known(layers) {
      let [numWeights, numMoments] = [0, 0];
      for (const [i, { layer, size }] of parameters.entries()) {
        if (layer >= layers) break;
        numWeights += size;
        numMoments += updatePlan.remembered[i];
      }
      return { weights: weights.subarray(0, numWeights), moments: moments.subarray(0, numMoments) };
    },
    step(batch, step, learningRate, share = 1) {
      enter(batch, step);
      run();
      if (judge()) {
        update.gather();
        if (measure(step, learningRate, share)) {
          update.move();
          check();
        }
      }
      return result;
    },
    async stepTogether(batch, step, learningRate, share = 1) {
      const { begin, end, work } = team!;
      enter(batch, step);
      begin();
      run();
      await end();
      if (judge()) {
        await work(GATHER);
        if (measure(step, learningRate, share)) {
          try {
            await work(MOVE);
          } catch (error) {
            update.undo();
            throw error;
          }
          check();
        }
      }
      return result;
    },
    undo: update.undo,
    stop: () => team?.stop(),
  };
}

/** The most that one thread gets of a batch, dealt out by a Dealer. */
function shareLimits(limits: BatchLimits, threads: number, longest: number): BatchLimits {
  return { ...limits, maxRows: Math.min(limits.maxRows, Math.ceil(limits.maxRows / threads) + longest) };
}
