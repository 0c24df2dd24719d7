import type { Corpus } from '../data/dataset.ts';
import { Dealer } from '../data/deal.ts';
import { Union } from '../data/union.ts';
import type { Parameter } from '../layers/layer.ts';
import { type ModelConfig, networkSpec } from '../model/config.ts';
import { Network } from '../model/network.ts';
import { type BatchLimits, featuresOf, planNetwork } from '../model/network-plan.ts';
import type { Targets } from '../model/targets.ts';
import { RandomSource } from '../runtime/random.ts';
import { Team } from '../runtime/team.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type LossBlocks, lossHead, type ObjectiveOptions } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import { Share } from './share.ts';
import { Undo } from './undo.ts';

/** Streams of random numbers beside those of the layers. */
export const STREAMS = { split: 1_000_000, order: 1_000_001, words: 1_000_002 } as const;

/** What a step needs to know beside the batch. */
export interface StepOptions {
  /** Counted from 1 over the whole training. */
  readonly step: number;
  readonly learningRate: number;
  /** The global norm that gradients are scaled down to; Infinity leaves them. */
  readonly clipNorm: number;
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
  /** Global norm of the gradients, before clipping. */
  gradientNorm: number;
  /** Whether all this, and the parameters after the step, are numbers. */
  finite: boolean;
}

/**
 * One network in training: a step at a time, nothing allocated from step to step. Several threads share each
 * batch: every one runs forward and backward over its rows, then the first adds up their gradients, in order.
 */
export class Trainer {
  readonly network: Network<LossBlocks>;
  /** One for each thread; the first is this one's. */
  readonly #shares: readonly Share[];
  readonly #team: Team | undefined;
  readonly #dealer: Dealer;
  /** Rows of the embedding table that any share touches. */
  readonly #touched: Union;
  readonly #optimizer: Optimizer;
  readonly #random: RandomSource;
  readonly #limits: BatchLimits;
  readonly #seed: number;
  readonly #dense: readonly Parameter[];
  readonly #statistics: readonly Parameter[];
  readonly #sparse: readonly Parameter[];
  readonly #gradients: Float32Array;
  readonly #firstParameter: number;
  readonly #firstMoment: number;
  readonly #momentBytes: number;
  readonly #result: StepResult = {
    loss: 0,
    weight: 0,
    judged: 0,
    right: 0,
    tokens: 0,
    gradientNorm: 0,
    finite: true,
  };
  readonly #undo: Undo;
  readonly #step = { step: 0, learningRate: 0, gradientScale: 1 };

  /**
   * @param limits of a whole batch
   * @param sharing by default this thread does all
   */
  constructor(
    module: WebAssembly.Module,
    config: ModelConfig,
    vocabulary: Vocabulary,
    limits: BatchLimits,
    optimizer: Optimizer,
    objective: ObjectiveOptions,
    sharing: Sharing = { threads: 1, module },
  ) {
    const { threads } = sharing;
    const spec = networkSpec(config, vocabulary);
    const head = lossHead(config, objective);
    const { moments } = optimizer;
    this.#limits = shareLimits(limits, threads, config.maxLength);
    const plan = planNetwork(sharing.module, spec, 'train', this.#limits, head, moments, threads);
    const network = new Network(sharing.module, plan);
    this.network = network;
    const features = featuresOf(spec.layers);
    const packing = { ...this.#limits, tableRows: spec.tableRows, maxBag: spec.maxBag, features };
    this.#shares = [network, ...network.others].map((part) => new Share(part, config, objective, packing));
    this.#dealer = new Dealer(threads, limits.maxSequences);
    const { prepare, forward, backward } = network.calls;
    if (threads > 1)
      this.#team = new Team(sharing.module, network.machine, [...prepare, ...forward, ...backward]);
    this.#optimizer = optimizer;
    this.#random = new RandomSource(module, this.#limits.maxRows);
    const mostTouched = Math.min(spec.tableRows, limits.maxRows * spec.maxBag);
    this.#touched = new Union(mostTouched);
    this.#undo = new Undo(network.weights, network.parameters.length + mostTouched);
    this.#seed = config.seed;
    this.#dense = network.parameters.filter(({ sparse, statistic }) => !sparse && !statistic);
    this.#statistics = network.parameters.filter(({ statistic }) => statistic);
    this.#sparse = network.parameters.filter(({ sparse }) => sparse);
    this.#gradients = network.machine.region('gradients');
    this.#firstParameter = network.weights.byteOffset;
    this.#firstMoment = network.machine.region('moments').byteOffset;
    this.#momentBytes = network.machine.region('moments').byteLength / Math.max(1, optimizer.moments);
  }

  /** The optimiser's memory of past gradients. */
  get moments(): Float32Array {
    return this.network.machine.region('moments');
  }

  /** Ends the other threads. */
  stop(): void {
    this.#team?.stop();
  }

  /**
   * One optimiser step over rows rowNumbers[from, from + count) of a corpus, by this thread alone.
   * @returns a result that the next step overwrites; where it is not finite, nothing has moved
   */
  step(
    corpus: Corpus,
    targets: Targets,
    rowNumbers: Int32Array,
    from: number,
    count: number,
    options: StepOptions,
  ): StepResult {
    this.#enter(corpus, targets, rowNumbers, from, count, options);
    this.#run();
    return this.#finish(targets, options);
  }

  /**
   * The same, all threads together.
   * @throws ThreadEnded when one of them is no more; nothing has moved
   */
  async stepTogether(
    corpus: Corpus,
    targets: Targets,
    rowNumbers: Int32Array,
    from: number,
    count: number,
    options: StepOptions,
  ): Promise<StepResult> {
    this.#enter(corpus, targets, rowNumbers, from, count, options);
    this.#team!.begin();
    this.#run();
    await this.#team!.end();
    return this.#finish(targets, options);
  }

  /** Takes the last step's move back. */
  undo(): void {
    this.#undo.restore();
  }

  /** Deals the rows out and packs each thread's. */
  #enter(
    corpus: Corpus,
    targets: Targets,
    rowNumbers: Int32Array,
    from: number,
    count: number,
    { step, wordDropout }: StepOptions,
  ): void {
    this.#dealer.deal(corpus, rowNumbers, from, count);
    const { rows, starts } = this.#dealer;
    const { maxRows } = this.#limits;
    let weight = 0;
    let numRows = 0;
    for (let s = 0; s < this.#shares.length; s++) {
      const share = this.#shares[s];
      const draw = step * this.#shares.length + s; // no two draws of a training are alike
      const dropped =
        wordDropout > 0
          ? this.#random.mask(maxRows, wordDropout, this.#seed, STREAMS.words, draw)
          : undefined;
      share.enter(corpus, targets, rows, starts[s], starts[s + 1] - starts[s], dropped);
      share.view.set('step', draw);
      weight += share.objective.weight;
      numRows += share.batch.numRows;
    }
    for (const { objective, view, batch } of this.#shares) {
      objective.scale(weight);
      view.set('shareB', batch.numSequences / count);
      view.set('shareN', batch.numRows / numRows);
    }
    this.#result.weight = weight;
  }

  /** This thread's part of the work. */
  #run(): void {
    this.network.prepare();
    this.network.forward();
    this.network.backward();
  }

  #finish(targets: Targets, { step, learningRate, clipNorm }: StepOptions): StepResult {
    this.#gather();
    const result = this.#sumUp(targets);
    if (result.finite) {
      this.#step.step = step;
      this.#step.learningRate = learningRate;
      this.#step.gradientScale = result.gradientNorm > clipNorm ? clipNorm / result.gradientNorm : 1;
      this.#optimizer.begin(this.#step);
      result.finite = this.#move(this.#touched.numbers, this.#touched.count);
      if (!result.finite) this.undo();
    }
    return result;
  }

  /** Adds the gradients of all shares up in the first's, and clears those of the others. */
  #gather(): void {
    const { kernels } = this.network.machine;
    this.#touched.clear();
    for (let s = 0; s < this.#shares.length; s++) {
      const { batch, view } = this.#shares[s];
      const { touched, numTouched } = batch;
      this.#touched.add(touched, numTouched);
      if (s === 0 || numTouched === 0) continue;
      const drain = ({ gradient }: Parameter, from: number, count: number) => {
        kernels.drain(gradient!.pointer + from * 4, view.address(gradient!) + from * 4, count);
        return 0;
      };
      this.#overBlocks(touched, numTouched, drain);
      for (const statistic of this.#statistics) drain(statistic, 0, statistic.size);
    }
  }

  /** What came of a step, before anything moves. */
  #sumUp(targets: Targets): StepResult {
    const { rows, starts } = this.#dealer;
    const result = this.#result;
    result.loss = 0;
    result.judged = 0;
    result.right = 0;
    result.tokens = 0;
    for (let s = 0; s < this.#shares.length; s++) {
      const { batch, loss, objective } = this.#shares[s];
      result.loss += loss;
      result.judged += objective.numJudged;
      result.right += objective.numRight(targets, rows, starts[s], batch);
      result.tokens += batch.numRows;
    }
    result.gradientNorm = this.#gradientNorm(this.#touched.numbers, this.#touched.count);
    result.finite = Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm);
    return result;
  }

  #gradientNorm(touched: Int32Array, numTouched: number): number {
    const { kernels } = this.network.machine;
    const sum = this.#overBlocks(touched, numTouched, ({ gradient }, from, count) =>
      kernels.sumSquares(gradient!.pointer + from * 4, count),
    );
    return Math.sqrt(sum);
  }

  /** Moves the parameters, and clears the gradients for the next step. @returns whether all moved to numbers */
  #move(touched: Int32Array, numTouched: number): boolean {
    this.#undo.begin();
    const move = (parameter: Parameter, from: number, count: number) =>
      this.#moveBlock(parameter, from, count);
    let sum = this.#overBlocks(touched, numTouched, move);
    for (const statistic of this.#statistics) sum += move(statistic, 0, statistic.size);
    return Number.isFinite(sum); // not so as soon as one of them is not
  }

  /**
   * Visits what the optimiser moves, block by block: all dense parameters, and of the embedding the rows it touches.
   * @returns the sum of what the visits return
   */
  #overBlocks(
    touched: Int32Array,
    numTouched: number,
    visit: (parameter: Parameter, from: number, count: number) => number,
  ): number {
    let sum = 0;
    for (const parameter of this.#dense) sum += visit(parameter, 0, parameter.size);
    for (const parameter of this.#sparse) {
      const width = parameter.shape[1];
      for (let i = 0; i < numTouched; i++) sum += visit(parameter, touched[i] * width, width);
    }
    return sum;
  }

  /** @returns Σ parameters² behind the move */
  #moveBlock({ value, gradient, statistic }: Parameter, from: number, count: number): number {
    const parameters = value.pointer + from * 4;
    const gradients = gradient!.pointer + from * 4;
    const offset = parameters - this.#firstParameter;
    const moment = this.#firstMoment + offset;
    const { kernels } = this.network.machine;
    this.#undo.keep(offset / 4, count);
    if (statistic) kernels.statisticStep(parameters, gradients, count, statistic.momentum);
    else this.#optimizer.move(kernels, parameters, gradients, moment, this.#momentBytes, count);
    const first = (gradients - this.#gradients.byteOffset) / 4;
    this.#gradients.fill(0, first, first + count);
    return kernels.sumSquares(parameters, count);
  }
}

/** The most that one thread gets of a batch, dealt out by a Dealer. */
function shareLimits(limits: BatchLimits, threads: number, longest: number): BatchLimits {
  return { ...limits, maxRows: Math.min(limits.maxRows, Math.ceil(limits.maxRows / threads) + longest) };
}
