import { BatchPacker } from '../data/batch.ts';
import type { Corpus } from '../data/dataset.ts';
import type { Parameter } from '../layers/layer.ts';
import { type ModelConfig, networkSpec } from '../model/config.ts';
import { Network } from '../model/network.ts';
import { type BatchLimits, planNetwork } from '../model/network-plan.ts';
import type { Targets } from '../model/targets.ts';
import { RandomSource } from '../runtime/random.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type LossBlocks, lossHead, Objective, type ObjectiveOptions } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
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

/** What came of a step, in one object that every step fills anew. */
export interface StepResult {
  /** Mean loss over the batch before the step, in nats. */
  loss: number;
  /** Σ weights of its targets. */
  weight: number;
  /** Rows whose labels were right. */
  right: number;
  /** Packed rows. */
  tokens: number;
  /** Global norm of the gradients, before clipping. */
  gradientNorm: number;
  /** Whether all this, and the parameters after the step, are numbers. */
  finite: boolean;
}

/** One network in training: a step at a time, nothing allocated from step to step. */
export class Trainer {
  readonly network: Network<LossBlocks>;
  readonly #objective: Objective;
  readonly #optimizer: Optimizer;
  readonly #packer: BatchPacker;
  readonly #random: RandomSource;
  readonly #limits: BatchLimits;
  readonly #seed: number;
  readonly #dense: readonly Parameter[];
  readonly #sparse: readonly Parameter[];
  readonly #gradients: Float32Array;
  readonly #sparseGradients: readonly Float32Array[];
  readonly #firstParameter: number;
  readonly #firstMoment: number;
  readonly #momentBytes: number;
  readonly #result: StepResult = {
    loss: 0,
    weight: 0,
    right: 0,
    tokens: 0,
    gradientNorm: 0,
    finite: true,
  };
  readonly #undo: Undo;
  readonly #step = { step: 0, learningRate: 0, gradientScale: 1 };

  constructor(
    module: WebAssembly.Module,
    config: ModelConfig,
    vocabulary: Vocabulary,
    limits: BatchLimits,
    optimizer: Optimizer,
    objective: ObjectiveOptions,
  ) {
    const spec = networkSpec(config, vocabulary);
    const head = lossHead(config, objective);
    const network = new Network(module, planNetwork(module, spec, 'train', limits, head, optimizer.moments));
    this.network = network;
    this.#objective = new Objective(network, config, objective);
    this.#optimizer = optimizer;
    this.#packer = new BatchPacker({ ...limits, tableRows: spec.tableRows, maxBag: spec.maxBag });
    this.#random = new RandomSource(module, limits.maxRows);
    this.#limits = limits;
    const mostTouched = Math.min(spec.tableRows, limits.maxRows * spec.maxBag);
    this.#undo = new Undo(network.weights, network.parameters.length + mostTouched);
    this.#seed = config.seed;
    this.#dense = network.parameters.filter(({ sparse }) => !sparse);
    this.#sparse = network.parameters.filter(({ sparse }) => sparse);
    this.#gradients = network.machine.region('gradients');
    this.#sparseGradients = this.#sparse.map(({ gradient }) => network.machine.floats(gradient!));
    this.#firstParameter = network.weights.byteOffset;
    this.#firstMoment = network.machine.region('moments').byteOffset;
    this.#momentBytes = network.machine.region('moments').byteLength / Math.max(1, optimizer.moments);
  }

  /** The optimiser's memory of past gradients. */
  get moments(): Float32Array {
    return this.network.machine.region('moments');
  }

  /**
   * One optimiser step over rows rowNumbers[from, from + count) of a corpus.
   * @returns a result that the next step overwrites; where it is not finite, nothing has moved
   */
  step(
    corpus: Corpus,
    targets: Targets,
    rowNumbers: Int32Array,
    from: number,
    count: number,
    { step, learningRate, clipNorm, wordDropout }: StepOptions,
  ): StepResult {
    const { network } = this;
    const { machine } = network;
    const dropped =
      wordDropout > 0
        ? this.#random.mask(this.#limits.maxRows, wordDropout, this.#seed, STREAMS.words, step)
        : undefined;
    const batch = this.#packer.pack(corpus, rowNumbers, from, count, dropped);
    network.enter(batch);
    this.#objective.enter(targets, rowNumbers, from, batch);
    machine.set('step', step);
    network.prepare();
    network.forward();
    network.backward();

    const result = this.#result;
    result.loss = this.#objective.loss;
    result.weight = this.#objective.weight;
    result.right = this.#objective.numRight(targets, rowNumbers, from, batch);
    result.tokens = batch.numRows;
    result.gradientNorm = this.#gradientNorm(batch.touched, batch.numTouched);
    result.finite = Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm);
    if (result.finite) {
      this.#step.step = step;
      this.#step.learningRate = learningRate;
      this.#step.gradientScale = result.gradientNorm > clipNorm ? clipNorm / result.gradientNorm : 1;
      this.#optimizer.begin(this.#step);
      result.finite = this.#move(batch.touched, batch.numTouched);
      if (!result.finite) this.undo();
    }
    return result;
  }

  /** Takes the last step's move back. */
  undo(): void {
    this.#undo.restore();
  }

  #gradientNorm(touched: Int32Array, numTouched: number): number {
    const { kernels } = this.network.machine;
    let sum = 0;
    for (const { gradient, size } of this.#dense) sum += kernels.sumSquares(gradient!.pointer, size);
    for (const { gradient, shape } of this.#sparse) {
      const width = shape[1];
      for (let i = 0; i < numTouched; i++) {
        sum += kernels.sumSquares(gradient!.pointer + touched[i] * width * 4, width);
      }
    }
    return Math.sqrt(sum);
  }

  /** Moves the parameters, and clears the gradients for the next step. @returns whether all moved to numbers */
  #move(touched: Int32Array, numTouched: number): boolean {
    let sum = 0; // not finite as soon as one of them is not
    this.#undo.begin();
    for (const parameter of this.#dense) {
      sum += this.#moveBlock(parameter, 0, parameter.size);
      const first = (parameter.gradient!.pointer - this.#gradients.byteOffset) / 4;
      this.#gradients.fill(0, first, first + parameter.size);
    }
    for (let p = 0; p < this.#sparse.length; p++) {
      const width = this.#sparse[p].shape[1];
      for (let i = 0; i < numTouched; i++) {
        sum += this.#moveBlock(this.#sparse[p], touched[i] * width, width);
        this.#sparseGradients[p].fill(0, touched[i] * width, (touched[i] + 1) * width);
      }
    }
    return Number.isFinite(sum);
  }

  /** @returns Σ parameters² behind the move */
  #moveBlock({ value, gradient }: Parameter, from: number, count: number): number {
    const parameters = value.pointer + from * 4;
    const offset = parameters - this.#firstParameter;
    const moment = this.#firstMoment + offset;
    const { kernels } = this.network.machine;
    this.#undo.keep(offset / 4, count);
    this.#optimizer.move(kernels, parameters, gradient!.pointer + from * 4, moment, this.#momentBytes, count);
    return kernels.sumSquares(parameters, count);
  }
}
