import type { PackedBatch } from '../data/batch.ts';
import type { BatchBlocks, Parameter } from '../layers/layer.ts';
import { Machine, type Program, type View } from '../runtime/machine.ts';
import { stride } from '../runtime/stride.ts';
import type { Calls, NetworkPlan } from './network-plan.ts';

/** What one thread has of a network: a batch of its own and what comes of it. */
export class Part<Outcome> {
  readonly view: View;
  readonly outcome: Outcome;
  readonly #batch: Readonly<Record<Exclude<keyof BatchBlocks, 'vectors'>, Int32Array>>;
  readonly #vectors: Float32Array;
  readonly #features: number;

  constructor(
    view: View,
    { batch, outcome, features }: Pick<NetworkPlan<Outcome>, 'batch' | 'outcome' | 'features'>,
  ) {
    this.view = view;
    this.outcome = outcome;
    this.#vectors = view.floats(batch.vectors);
    this.#features = features;
    this.#batch = {
      steps: view.integers(batch.steps),
      lengths: view.integers(batch.lengths),
      index: view.integers(batch.index),
      bagStart: view.integers(batch.bagStart),
      bagIds: view.integers(batch.bagIds),
    };
  }

  /** Copies a packed batch in and sets its sizes. */
  enter(batch: PackedBatch): void {
    const { numSequences, numSteps, numRows, numDistinct, numBagIds } = batch;
    const { steps, lengths, index, bagStart, bagIds } = this.#batch;
    copy(steps, batch.steps, numSteps);
    copy(lengths, batch.lengths, numSequences);
    copy(index, batch.index, numRows);
    copy(bagStart, batch.bagStart, numDistinct + 1);
    copy(bagIds, batch.bagIds, numBagIds);
    const features = this.#features;
    for (let n = 0; features > 0 && n < numRows; n++) {
      const to = n * stride(features);
      for (let k = 0; k < features; k++) this.#vectors[to + k] = batch.vectors[n * features + k];
    }
    this.view.set('B', numSequences);
    this.view.set('T', numSteps);
    this.view.set('N', numRows);
    this.view.set('U', numDistinct);
  }
}

/**
 * A planned network in a memory of its own. Forward writes activations, backward adds to the gradients of
 * the parameters: those of the first thread, whose part the network itself is.
 */
export class Network<Outcome> extends Part<Outcome> {
  readonly machine: Machine;
  /** What the other threads have of it. */
  readonly others: readonly Part<Outcome>[];
  readonly parameters: readonly Parameter[];
  readonly calls: Calls;
  /** To be run each time the parameters have changed. */
  readonly prepare: Program;
  readonly forward: Program;
  readonly backward: Program;

  constructor(module: WebAssembly.Module, plan: NetworkPlan<Outcome>) {
    const machine = new Machine(module, plan.memory);
    super(machine, plan);
    const { calls, parameters } = plan;
    this.machine = machine;
    this.others = machine.others.map((view) => new Part(view, plan));
    this.parameters = parameters;
    this.calls = calls;
    this.prepare = machine.program(calls.prepare);
    this.forward = machine.program(calls.forward);
    this.backward = machine.program(calls.backward);
  }

  /** All parameters that are f32, in stored order: the block that the file holds. */
  get weights(): Float32Array {
    return this.machine.region('parameters');
  }

  /** All parameters that are int8, in stored order. */
  get quantised(): Int8Array {
    return this.machine.quantised;
  }

  /** Draws the initial parameters from the seed. */
  initialise(seed: number): void {
    this.parameters.forEach(({ value, initial }, stream) => {
      for (const { from, count, low, high } of initial) {
        this.machine.kernels.fillUniform(value.pointer + from * 4, count, low, high, seed, stream);
      }
    });
  }

  /** The name of the first parameter that holds a NaN or an infinity, if one does. */
  brokenParameter(): string | undefined {
    const { sumSquares } = this.machine.kernels;
    const floats = this.parameters.filter(({ value }) => value.region === 'parameters');
    return floats.find(({ value, size }) => !Number.isFinite(sumSquares(value.pointer, 0, 1, size)))?.value
      .name;
  }
}

function copy(to: Int32Array, from: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = from[i];
}
