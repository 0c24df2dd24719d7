import { Dealer } from '../data/deal.ts';
import { Union } from '../data/union.ts';
import { type ModelConfig, networkSpec } from '../model/config.ts';
import { Network } from '../model/network.ts';
import { type BatchLimits, packerLimits, planNetwork } from '../model/network-plan.ts';
import { RandomSource } from '../runtime/random.ts';
import { Team } from '../runtime/team.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import type { Batch } from './batch.ts';
import { type LossBlocks, lossHead, type ObjectiveOptions } from './objective.ts';
import { Share } from './share.ts';
import { STREAMS } from './streams.ts';
import { GATHER, MOVE, Update } from './update.ts';
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
export class Trainer {
  readonly network: Network<LossBlocks>;
  /** One for each thread; the first is this one's. */
  readonly #shares: readonly Share[];
  readonly #team: Team | undefined;
  readonly #dealer: Dealer;
  /** The rows of the embedding that the batch shows. */
  readonly #touched: Union;
  readonly #update: Update;
  readonly #random: RandomSource;
  readonly #maxRows: number;
  readonly #seed: number;
  readonly #options: TrainerOptions;
  /** Where averages and parameters are put together. */
  readonly #given: Float32Array | undefined;
  readonly #result: StepResult = {
    loss: 0,
    weight: 0,
    judged: 0,
    right: 0,
    tokens: 0,
    gradientNorm: 0,
    finite: true,
  };

  /**
   * @param limits of a whole batch
   * @param sharing by default this thread does all
   */
  constructor(
    module: WebAssembly.Module,
    config: ModelConfig,
    vocabulary: Vocabulary,
    limits: BatchLimits,
    options: TrainerOptions,
    sharing: Sharing = { threads: 1, module },
  ) {
    const { threads } = sharing;
    const { objective } = options;
    const spec = networkSpec(config, vocabulary);
    const own = shareLimits(limits, threads, config.maxLength);
    const plan = planNetwork(sharing.module, spec, 'train', own, lossHead(config, objective), threads);
    const update = planUpdate(plan, options);
    const network = new Network(sharing.module, plan);
    const packing = packerLimits(spec, own);
    this.network = network;
    this.#shares = [network, ...network.others].map((part) => new Share(part, config, objective, packing));
    this.#dealer = new Dealer(threads, limits.maxSequences);
    this.#touched = new Union(plan.batch.touched.bytes / 4);
    this.#update = new Update(network, update);
    if (this.#update.averages.some(Boolean)) this.#given = new Float32Array(network.weights.length);
    const { prepare, forward, backward } = network.calls;
    if (threads > 1) {
      const calls = [...prepare, ...forward, ...backward];
      this.#team = new Team(sharing.module, network.machine, calls, [update.gather, update.move]);
    }
    this.#random = new RandomSource(module, own.maxRows);
    this.#maxRows = own.maxRows;
    this.#seed = config.seed;
    this.#options = options;
  }

  /** The optimiser's memory of past gradients. */
  get moments(): Float32Array {
    return this.network.machine.region('moments');
  }

  /** What a model is given: the parameters, or averages of them; it may change with the next step. */
  get given(): Float32Array {
    const { parameters, weights } = this.network;
    const given = this.#given;
    if (!given) return weights;
    given.set(weights);
    for (const [i, average] of this.#update.averages.entries()) {
      if (average) given.set(average, (parameters[i].value.pointer - weights.byteOffset) / 4);
    }
    return given;
  }

  /** What is known of the first so many layers: their parameters, and the optimiser's memory of them. */
  known(layers: number): { readonly weights: Float32Array; readonly moments: Float32Array } {
    const { parameters, weights } = this.network;
    const first = parameters.filter(({ layer }) => layer < layers);
    const numWeights = first.reduce((sum, { size }) => sum + size, 0);
    const { remembered } = this.#update;
    const numMoments = first.reduce((sum, _, i) => sum + remembered[i], 0);
    return { weights: weights.subarray(0, numWeights), moments: this.moments.subarray(0, numMoments) };
  }

  /** Ends the other threads. */
  stop(): void {
    this.#team?.stop();
  }

  /**
   * One optimiser step over a batch, by this thread alone.
   * @param step counted from 1 over the whole training
   * @param share how far averages of the parameters go towards them
   * @returns a result that the next step overwrites; where it is not finite, nothing has moved
   */
  step(batch: Batch, step: number, learningRate: number, share = 1): StepResult {
    this.#enter(batch, step);
    this.#run();
    if (this.#judge(batch)) {
      this.#update.gather();
      if (this.#measure(step, learningRate, share)) {
        this.#update.move();
        this.#check();
      }
    }
    return this.#result;
  }

  /**
   * The same, all threads together.
   * @throws ThreadEnded when one of them is no more; nothing has moved
   */
  async stepTogether(batch: Batch, step: number, learningRate: number, share = 1): Promise<StepResult> {
    const team = this.#team!;
    this.#enter(batch, step);
    team.begin();
    this.#run();
    await team.end();
    if (this.#judge(batch)) {
      await team.share(GATHER);
      if (this.#measure(step, learningRate, share)) {
        try {
          await team.share(MOVE);
        } catch (error) {
          this.#update.undo();
          throw error;
        }
        this.#check();
      }
    }
    return this.#result;
  }

  /** Takes the last step's move back. */
  undo(): void {
    this.#update.undo();
  }

  /** Deals the rows out and packs each thread's. */
  #enter(batch: Batch, step: number): void {
    this.#dealer.deal(batch);
    let weight = 0;
    let numRows = 0;
    this.#touched.clear();
    for (let s = 0; s < this.#shares.length; s++) {
      const share = this.#shares[s];
      const draw = step * this.#shares.length + s; // no two draws of a training are alike
      share.enter(batch, this.#dealer, s, this.#dropped(draw));
      share.view.set('step', draw);
      weight += share.objective.weight;
      numRows += share.batch.numRows;
      this.#touched.add(share.batch.touched, share.batch.numTouched);
    }
    this.network.touch(this.#touched.numbers, this.#touched.count);
    for (const { objective, view, batch: own } of this.#shares) {
      objective.scale(weight);
      view.set('shareB', own.numSequences / batch.count);
      view.set('shareN', own.numRows / numRows);
    }
    this.#result.weight = weight;
  }

  /** The packed rows whose words are shown as if unknown. */
  #dropped(draw: number): Uint8Array | undefined {
    const { wordDropout } = this.#options;
    if (wordDropout === 0) return undefined;
    return this.#random.mask(this.#maxRows, wordDropout, this.#seed, STREAMS.words, draw);
  }

  /** This thread's part of the work. */
  #run(): void {
    this.network.prepare();
    this.network.forward();
    this.network.backward();
  }

  /** Says what came of the pass. @returns whether the loss is a number; where not, nothing is kept of the gradients */
  #judge({ targets }: Batch): boolean {
    const result = this.#result;
    result.loss = 0;
    result.judged = 0;
    result.right = 0;
    result.tokens = 0;
    for (let s = 0; s < this.#shares.length; s++) {
      const share = this.#shares[s];
      result.loss += share.loss;
      result.judged += share.objective.numJudged;
      result.right += share.numRight(targets, this.#dealer, s);
      result.tokens += share.batch.numRows;
    }
    result.gradientNorm = Number.NaN;
    result.finite = Number.isFinite(result.loss);
    if (result.finite) this.#update.enter(this.#touched.count);
    return result.finite;
  }

  /** Takes the norm of the gradients, and says how they shall move the parameters. @returns whether it is a number */
  #measure(step: number, learningRate: number, share: number): boolean {
    const { clipNorm } = this.#options;
    const { norm } = this.#update;
    this.#result.gradientNorm = norm;
    this.#result.finite = Number.isFinite(norm);
    this.#update.prepare(step, learningRate, norm > clipNorm ? clipNorm / norm : 1, share);
    return this.#result.finite;
  }

  /** Takes the move back where parameters are no longer numbers. */
  #check(): void {
    this.#result.finite = Number.isFinite(this.#update.norm);
    if (!this.#result.finite) this.#update.undo();
  }
}

/** The most that one thread gets of a batch, dealt out by a Dealer. */
function shareLimits(limits: BatchLimits, threads: number, longest: number): BatchLimits {
  return { ...limits, maxRows: Math.min(limits.maxRows, Math.ceil(limits.maxRows / threads) + longest) };
}
