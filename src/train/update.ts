import type { Network } from '../model/network.ts';
import type { Program, View } from '../runtime/machine.ts';
import type { Dimension } from '../runtime/plan.ts';
import type { UpdatePlan } from './update-plan.ts';

/** The stages of an update, in their order. */
export const GATHER = 0;
export const MOVE = 1;

/** Gathers the gradients of all threads and moves the parameters by them: enter, gather, prepare, move. */
export class Update {
  /** Numbers that the optimiser remembers of each parameter, in their order. */
  readonly remembered: readonly number[];
  /** Both stages as this thread does them by itself. */
  readonly gather: Program;
  readonly move: Program;
  /** Takes the last move back. */
  readonly undo: Program;
  readonly #views: readonly View[];
  readonly #squares: Float64Array;
  readonly #averages: readonly (Float32Array | undefined)[];
  readonly #give: Program;

  constructor({ machine }: Network<unknown>, plan: UpdatePlan) {
    this.remembered = plan.remembered;
    this.gather = machine.program(plan.gather.flat());
    this.move = machine.program(plan.move.flat());
    this.undo = machine.program(plan.restore);
    this.#views = [machine, ...machine.others];
    this.#squares = machine.doubles(plan.squares);
    this.#averages = plan.averages.map((block) => block && machine.floats(block));
    this.#give = machine.program(plan.give);
  }

  /** Of each parameter the average that a model is given in its place, if there is one, as it is now. */
  get averages(): readonly (Float32Array | undefined)[] {
    this.#give();
    return this.#averages;
  }

  /** @param touched rows of the embedding, as many as Network.touch() was told */
  enter(touched: number): void {
    this.#set('kept', touched);
    this.#squares.fill(0);
  }

  /** Behind gather() the global norm of the gradients, behind move() that of what has moved: no number as soon as one of them is none. */
  get norm(): number {
    let sum = 0;
    for (let i = 0; i < this.#squares.length; i++) sum += this.#squares[i];
    return Math.sqrt(sum);
  }

  /**
   * Says how to move.
   * @param step counted from 1 over the whole training
   * @param gradientScale multiplies every gradient: below 1 where their norm was clipped
   * @param share how far the averages go towards the parameters
   */
  prepare(step: number, learningRate: number, gradientScale: number, share: number): void {
    this.#set('moves', step);
    this.#set('rate', learningRate);
    this.#set('gradientScale', gradientScale);
    this.#set('share', share);
    this.#squares.fill(0);
  }

  /** Sets a dimension for all threads, as each may take any task. */
  #set(dimension: Dimension, value: number): void {
    for (const view of this.#views) view.set(dimension, value);
  }
}
