import type { PackedBatch } from '../data/batch.ts';
import { Union } from '../data/union.ts';
import type { Network } from '../model/network.ts';
import type { Program, View } from '../runtime/machine.ts';
import type { UpdatePlan } from './update-plan.ts';

/** Gathers the gradients of all threads and moves the parameters by them. */
export class Update {
  /** Numbers that the optimiser remembers of each parameter, in their order. */
  readonly remembered: readonly number[];
  readonly #view: View;
  readonly #union: Union;
  readonly #touched: Int32Array;
  readonly #squares: Float64Array;
  readonly #drains: readonly Program[];
  readonly #measure: Program;
  readonly #move: Program;
  readonly #restore: Program;
  readonly #averages: readonly (Float32Array | undefined)[];
  readonly #give: Program;

  constructor({ machine, others, parameters }: Network<unknown>, plan: UpdatePlan) {
    const { touched, squares, measure, move, restore, drain } = plan;
    this.remembered = plan.remembered;
    this.#view = machine;
    this.#touched = machine.integers(touched);
    this.#union = new Union(this.#touched.length);
    this.#squares = machine.doubles(squares);
    const first = parameters[0].gradient!;
    this.#drains = others.map(({ view }) =>
      machine.program(drain(view.address(first) - machine.address(first))),
    );
    this.#measure = machine.program(measure);
    this.#move = machine.program(move);
    this.#restore = machine.program(restore);
    this.#averages = plan.averages.map((block) => block && machine.floats(block));
    this.#give = machine.program(plan.give);
  }

  /** Of each parameter the average that a model is given in its place, if there is one, as it is now. */
  get averages(): readonly (Float32Array | undefined)[] {
    this.#give();
    return this.#averages;
  }

  /**
   * Adds up the gradients of all threads in the first's, and clears those of the others.
   * @param shares what the threads had of the batch
   * @returns the global norm of the gradients
   */
  gather(shares: readonly { readonly batch: PackedBatch }[]): number {
    this.#union.clear();
    for (const { batch } of shares) this.#union.add(batch.touched, batch.numTouched);
    const { numbers, count } = this.#union;
    for (let i = 0; i < count; i++) this.#touched[i] = numbers[i];
    this.#view.set('touched', count);
    for (const drain of this.#drains) drain();
    return Math.sqrt(this.#sumOver(this.#measure));
  }

  /**
   * Moves the parameters, and clears the gradients for the next batch.
   * @param step counted from 1 over the whole training
   * @param gradientScale multiplies every gradient: below 1 where their norm was clipped
   * @param share how far the averages go towards the parameters
   * @returns whether all moved to numbers; where not, nothing has moved
   */
  move(step: number, learningRate: number, gradientScale: number, share: number): boolean {
    this.#view.set('moves', step);
    this.#view.set('rate', learningRate);
    this.#view.set('gradientScale', gradientScale);
    this.#view.set('kept', this.#union.count);
    this.#view.set('share', share);
    const moved = Number.isFinite(this.#sumOver(this.#move)); // not so as soon as one of them is not
    if (!moved) this.undo();
    return moved;
  }

  /** Takes the last move back. */
  undo(): void {
    this.#restore();
  }

  #sumOver(program: Program): number {
    this.#squares[0] = 0;
    program();
    return this.#squares[0];
  }
}
