import type { PackedBatch } from '../data/batch.ts';
import type { BatchBlocks, Initial, Parameter } from '../layers/layer.ts';
import { DataError } from '../runtime/errors.ts';
import { type Machine, machineOf, type Program, type View } from '../runtime/machine.ts';
import type { Block } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import type { Calls, NetworkPlan, ShownWeights } from './network-plan.ts';
import { type Numbers, Table } from './table.ts';

/** What a network knows, in stored order. */
export interface Weights {
  /** All parameters that are f32. */
  readonly weights: Float32Array;
  /** Those that are int8, if any. */
  readonly quantised?: Int8Array;
}

/** What one thread has of a network: a batch of its own and what comes of it. */
export class Part<Outcome> {
  readonly view: View;
  readonly outcome: Outcome;
  readonly #batch: Readonly<Record<Exclude<keyof BatchBlocks, 'vectors' | 'touched' | 'slots'>, Int32Array>>;
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
      edgeStart: view.integers(batch.edgeStart),
      edgeEnds: view.integers(batch.edgeEnds),
    };
  }

  /** Copies a packed batch in and sets its sizes. */
  enter(batch: PackedBatch): void {
    const { numSequences, numSteps, numRows, numDistinct, numBagIds } = batch;
    const { steps, lengths, index, bagStart, bagIds, edgeStart, edgeEnds } = this.#batch;
    copy(steps, batch.steps, numSteps);
    copy(lengths, batch.lengths, numSequences);
    copy(index, batch.index, numRows);
    copy(bagStart, batch.bagStart, numDistinct + 1);
    copy(bagIds, batch.bagIds, numBagIds);
    if (edgeStart.length > 0) {
      copy(edgeStart, batch.edgeStart, numRows + 1);
      copy(edgeEnds, batch.edgeEnds, batch.edgeStart[numRows]);
    }
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
  /** The weights by which layers mix words. */
  readonly shown: readonly ShownWeights[];
  /** To be run each time the parameters have changed. */
  readonly prepare: Program;
  readonly forward: Program;
  readonly backward: Program;
  readonly #touched: Int32Array;
  readonly #slots: Int32Array;
  /** Of a network that predicts, once it has taken parameters over: one for each table. */
  readonly #tables = new Map<Block, Table>();

  constructor(module: WebAssembly.Module, plan: NetworkPlan<Outcome>) {
    const machine = machineOf(module, plan.memory);
    super(machine, plan);
    const { calls, parameters } = plan;
    this.machine = machine;
    this.others = machine.others.map((view) => new Part(view, plan));
    this.parameters = parameters;
    this.calls = calls;
    this.shown = plan.shown;
    this.#touched = machine.integers(plan.batch.touched);
    this.#slots = machine.integers(plan.batch.slots);
    this.prepare = machine.program(calls.prepare);
    this.forward = machine.program(calls.forward);
    this.backward = machine.program(calls.backward);
  }

  /** Says which rows of the embedding table the batch of all threads shows, ascending: to be called before backward. */
  touch(rows: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#touched[i] = rows[i];
      this.#slots[rows[i]] = i;
    }
    for (const view of [this.machine, ...this.machine.others]) view.set('touched', count);
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
      for (const one of initial) this.#begin(value.pointer + one.from * 4, one, seed, stream);
    });
  }

  #begin(at: number, one: Initial, seed: number, stream: number): void {
    const { kernels } = this.machine;
    if ('low' in one) kernels.fillUniform(at, one.count, one.low, one.high, seed, stream);
    else kernels.fillNormal(at, one.count, one.deviation, seed, stream);
    if (!('orthogonal' in one)) return;
    const { maps, O, I } = one.orthogonal;
    kernels.orthogonalRows(at, maps, O, I);
  }

  /**
   * Takes parameters over, to predict with. Of an embedding table come only the rows that batches show, when they first
   * do: so what is given must stay as it is until other parameters are.
   * @throws DataError when one of them holds a NaN or an infinity; bring() does for a row of the table
   */
  take(given: Weights): void {
    for (const { value, scales, shape, sparse } of this.parameters) {
      if (scales) this.#copy(scales, given);
      if (!sparse) this.#copy(value, given);
      else this.#tableOf(value, shape[1]).renew(this.#numbers(given, value));
    }
    this.prepare();
  }

  /** The same at once: what is given may change afterwards. */
  takeAll(given: Weights): void {
    for (const { value, scales } of this.parameters) {
      if (scales) this.#copy(scales, given);
      this.#copy(value, given);
    }
    this.prepare();
  }

  /** Brings the rows of the table that a batch shows, whichever thread's it is. */
  bring(batch: PackedBatch): void {
    for (const table of this.#tables.values()) table.bring(batch);
  }

  #tableOf(value: Block, width: number): Table {
    const known = this.#tables.get(value);
    if (known) return known;
    const check = (row: number) => this.#check(value, row * width, width);
    const table = new Table(this.#numbers(this, value), width, check);
    this.#tables.set(value, table);
    return table;
  }

  #copy(block: Block, given: Weights): void {
    const to = this.#numbers(this, block);
    to.set(this.#numbers(given, block));
    this.#check(block, 0, to.length);
  }

  /** A parameter's numbers among all of its kind, which lie anywhere in the order of this network. */
  #numbers({ weights, quantised }: Weights, { region, pointer, bytes }: Block): Numbers {
    const [own, all] = region === 'quantised' ? [this.quantised, quantised!] : [this.weights, weights];
    const from = (pointer - own.byteOffset) / own.BYTES_PER_ELEMENT;
    return all.subarray(from, from + bytes / own.BYTES_PER_ELEMENT);
  }

  /** @throws DataError when one of `count` numbers of a parameter is none */
  #check({ region, name, pointer }: Block, from: number, count: number): void {
    if (region === 'quantised') return;
    const start = pointer + from * Float32Array.BYTES_PER_ELEMENT;
    if (this.machine.kernels.allFinite(start, count) === 1) return;
    const numbers = new Float32Array(this.machine.memory.buffer, start, count);
    const bad = numbers.findIndex((number) => !Number.isFinite(number));
    throw new DataError(`the model is damaged: ${name} holds ${numbers[bad]} in place ${from + bad}`);
  }
}

function copy(to: Int32Array, from: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = from[i];
}
