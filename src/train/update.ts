import type { Network } from '../model/network.ts';
import type { Program } from '../runtime/machine.ts';
import type { Dimension } from '../runtime/plan.ts';
import type { UpdatePlan } from './update-plan.ts';

/** The stages of an update, in their order. */
export const GATHER = 0;
export const MOVE = 1;

/** Gathers the gradients of all threads and moves the parameters by them: enter, gather, prepare, move. */
export interface Update {
  /** Both stages as this thread does them by itself. */
  readonly gather: Program;
  readonly move: Program;
  /** Takes the last move back. */
  readonly undo: Program;
  /** Of each parameter the average that a model is given in its place, if there is one, as it is now. */
  readonly averages: readonly (Float32Array | undefined)[];
  /** Behind gather() the global norm of the gradients, behind move() that of what has moved: no number as soon as one of them is none. */
  readonly norm: number;
  /** @param touched rows of the embedding, as many as Network.touch() was told */
  enter(touched: number): void;
  /**
   * Says how to move.
   * @param step counted from 1 over the whole training
   * @param gradientScale multiplies every gradient: below 1 where their norm was clipped
   * @param share how far the averages go towards the parameters
   */
  prepare(step: number, learningRate: number, gradientScale: number, share: number): void;
}

/** The update of a network that was planned with it. */
export function updateOf({ machine }: Network<unknown>, plan: UpdatePlan): Update {
  const views = [machine, ...machine.others];
  const squares = machine.doubles(plan.squares);
  const averages = plan.averages.map((block) => block && machine.floats(block));
  const give = machine.program(plan.give);
  // For all threads, as each may take any task.
  const set = (dimension: Dimension, value: number) => {
    for (const view of views) view.set(dimension, value);
  };
  return {
    gather: machine.program(plan.gather.flat()),
    move: machine.program(plan.move.flat()),
    undo: machine.program(plan.restore),
    get averages() {
      give();
      return averages;
    },
    get norm() {
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    },
    enter(touched) {
      set('kept', touched);
      squares.fill(0);
    },
    prepare(step, learningRate, gradientScale, share) {
      set('moves', step);
      set('rate', learningRate);
      set('gradientScale', gradientScale);
      set('share', share);
      squares.fill(0);
    },
  };
}
