import { type Pack, type PackedBatch, packerInto } from '../data/batch.ts';
import type { Initial, Parameter } from '../layers/layer.ts';
import { DataError } from '../runtime/errors.ts';
import { type Machine, machineOf, type Program, type View } from '../runtime/machine.ts';
import type { Block } from '../runtime/plan.ts';
import type { Calls, NetworkPlan, ShownWeights } from './network-plan.ts';
import { type Numbers, type Table, tableInto } from './table.ts';

/** What a network knows, in stored order. */
export interface Weights {
  /** All parameters that are f32. */
  readonly weights: Float32Array;
  /** Those that are int8, if any. */
  readonly quantised?: Int8Array;
}

/** What one thread has of a network: a batch of its own and what comes of it. */
export interface Part<Outcome> {
  readonly view: View;
  readonly outcome: Outcome;
  /** Packs a batch to where the kernels read it, and sets its sizes. */
  readonly enter: Pack;
}

/**
 * A planned network in a memory of its own. Forward writes activations, backward adds to the gradients of
 * the parameters: those of the first thread, whose part the network itself is.
 */
export interface Network<Outcome> extends Part<Outcome>, Required<Weights> {
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
  /** Says which rows of the embedding table the batch of all threads shows, ascending: to be called before backward. */
  touch(rows: Int32Array, count: number): void;
  /** Draws the initial parameters from the seed. */
  initialise(seed: number): void;
  /**
   * Takes parameters over, to predict with. Of an embedding table come only the rows that batches show, when they first
   * do: so what is given must stay as it is until other parameters are.
   * @throws DataError when one of them holds a NaN or an infinity; bring() does for a row of the table
   */
  take(given: Weights): void;
  /** The same at once: what is given may change afterwards. */
  takeAll(given: Weights): void;
  /** Brings the rows of the table that a batch shows, whichever thread's it is. */
  bring(batch: PackedBatch): void;
}

function partOf<Outcome>(view: View, { batch, outcome, tableRows }: NetworkPlan<Outcome>): Part<Outcome> {
  const { integers, floats, set } = view;
  const pack = packerInto(
    {
      steps: integers(batch.steps),
      lengths: integers(batch.lengths),
      index: integers(batch.index),
      bagStart: integers(batch.bagStart),
      bagIds: integers(batch.bagIds),
      vectors: floats(batch.vectors),
      edgeStart: integers(batch.edgeStart),
      edgeEnds: integers(batch.edgeEnds),
    },
    tableRows,
  );
  return {
    view,
    outcome,
    enter(...rows) {
      const packed = pack(...rows);
      set('B', packed.numSequences);
      set('T', packed.numSteps);
      set('N', packed.numRows);
      set('U', packed.numDistinct);
      return packed;
    },
  };
}

/** Makes the memory that a network is planned for. */
export function networkOf<Outcome>(module: WebAssembly.Module, plan: NetworkPlan<Outcome>): Network<Outcome> {
  const { calls, parameters, shown } = plan;
  const machine = machineOf(module, plan.memory);
  const { kernels, integers, program } = machine;
  const [touched, slots] = [integers(plan.batch.touched), integers(plan.batch.slots)];
  const weights = machine.region('parameters');
  const { quantised } = machine;
  const prepare = program(calls.prepare);
  /** Of a network that predicts, once it has taken parameters over: one for each table. */
  const tables = new Map<Block, Table>();

  /** A parameter's numbers among all of its kind, which lie anywhere in the order of this network. */
  const numbersOf = (given: Weights, { region, pointer, bytes }: Block): Numbers => {
    const [own, all] = region === 'quantised' ? [quantised, given.quantised!] : [weights, given.weights];
    const from = (pointer - own.byteOffset) / own.BYTES_PER_ELEMENT;
    return all.subarray(from, from + bytes / own.BYTES_PER_ELEMENT);
  };

  /** @throws DataError when one of `count` numbers of a parameter is none */
  const check = ({ region, name, pointer }: Block, from: number, count: number) => {
    if (region === 'quantised' || kernels.allFinite(pointer + from * 4, count) === 1) return;
    const numbers = new Float32Array(weights.buffer, pointer + from * 4, count);
    const bad = numbers.findIndex((number) => !Number.isFinite(number));
    throw new DataError(`the model is damaged: ${name} holds ${numbers[bad]} in place ${from + bad}`);
  };

  const copy = (block: Block, given: Weights) => {
    const to = numbersOf({ weights, quantised }, block);
    to.set(numbersOf(given, block));
    check(block, 0, to.length);
  };

  const tableOf = (value: Block, width: number) => {
    const known = tables.get(value);
    if (known) return known;
    const table = tableInto(numbersOf({ weights, quantised }, value), width, (row) =>
      check(value, row * width, width),
    );
    tables.set(value, table);
    return table;
  };

  const take = (given: Weights, whole: boolean) => {
    for (const { value, scales, shape, sparse } of parameters) {
      if (scales) copy(scales, given);
      if (whole || !sparse) copy(value, given);
      else tableOf(value, shape[1]).renew(numbersOf(given, value));
    }
    prepare();
  };

  const begin = (at: number, one: Initial, seed: number, stream: number) => {
    if ('low' in one) kernels.fillUniform(at, one.count, one.low, one.high, seed, stream);
    else kernels.fillNormal(at, one.count, one.deviation, seed, stream);
    if (!('orthogonal' in one)) return;
    const { maps, O, I } = one.orthogonal;
    kernels.orthogonalRows(at, maps, O, I);
  };

  return {
    ...partOf(machine, plan),
    machine,
    others: machine.others.map((view) => partOf(view, plan)),
    parameters,
    calls,
    shown,
    weights,
    quantised,
    prepare,
    forward: program(calls.forward),
    backward: program(calls.backward),
    touch(rows, count) {
      for (let i = 0; i < count; i++) {
        touched[i] = rows[i];
        slots[rows[i]] = i;
      }
      for (const { set } of [machine, ...machine.others]) set('touched', count);
    },
    initialise(seed) {
      for (const [stream, { value, initial }] of parameters.entries()) {
        for (const one of initial) begin(value.pointer + one.from * 4, one, seed, stream);
      }
    },
    take: (given) => take(given, false),
    takeAll: (given) => take(given, true),
    bring(batch) {
      for (const { bring } of tables.values()) bring(batch);
    },
  };
}
