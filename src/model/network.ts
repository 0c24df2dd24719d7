import type { PackedBatch } from '../data/batch.ts';
import type { BatchBlocks, Parameter } from '../layers/layer.ts';
import { Machine, type Program } from '../runtime/machine.ts';
import type { Calls, NetworkPlan } from './network-plan.ts';

/**
 * A planned network in a memory of its own. Forward writes activations, backward adds to the gradients of
 * the parameters.
 */
export class Network<Outcome> {
  readonly machine: Machine;
  readonly parameters: readonly Parameter[];
  readonly outcome: Outcome;
  readonly calls: Calls;
  /** To be run each time the parameters have changed. */
  readonly prepare: Program;
  readonly forward: Program;
  readonly backward: Program;
  readonly #batch: Readonly<Record<keyof BatchBlocks, Int32Array>>;

  constructor(
    module: WebAssembly.Module,
    { memory, calls, parameters, batch, outcome }: NetworkPlan<Outcome>,
  ) {
    this.machine = new Machine(module, memory);
    this.parameters = parameters;
    this.outcome = outcome;
    this.calls = calls;
    this.prepare = this.machine.program(calls.prepare);
    this.forward = this.machine.program(calls.forward);
    this.backward = this.machine.program(calls.backward);
    this.#batch = {
      steps: this.machine.integers(batch.steps),
      lengths: this.machine.integers(batch.lengths),
      index: this.machine.integers(batch.index),
      bagStart: this.machine.integers(batch.bagStart),
      bagIds: this.machine.integers(batch.bagIds),
    };
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

  /** Copies a packed batch in and sets its sizes. */
  enter(batch: PackedBatch): void {
    const { numSequences, numSteps, numRows, numDistinct, numBagIds } = batch;
    const { steps, lengths, index, bagStart, bagIds } = this.#batch;
    copy(steps, batch.steps, numSteps);
    copy(lengths, batch.lengths, numSequences);
    copy(index, batch.index, numRows);
    copy(bagStart, batch.bagStart, numDistinct + 1);
    copy(bagIds, batch.bagIds, numBagIds);
    this.machine.set('B', numSequences);
    this.machine.set('T', numSteps);
    this.machine.set('N', numRows);
    this.machine.set('U', numDistinct);
  }
}

function copy(to: Int32Array, from: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = from[i];
}
