import type { KernelName } from '../runtime/kernels.ts';
import type { Argument, Block } from '../runtime/plan.ts';

/**
 * How gradients move parameters: for each parameter kernel calls, mostly such that turn its gradient, in its place, into
 * the direction to go; then p −= rate · direction.
 *
 * Of the embedding only rows that the batch shows take part. All others rest: neither they nor their moments move or
 * decay meanwhile, while steps are counted for all alike (the lazy form, as PyTorch's SparseAdam has it).
 */
export interface Optimizer {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>> & { readonly learningRate: number };
  /** Whether it says what the model is given in place of parameters, and so leaves nothing for another average to do. */
  readonly averages?: true;
  /** Lays the calls for one parameter into a plan. */
  plan(move: Move): void;
}

/** What an optimiser may ask of the plan that its move of a parameter is laid into. */
export interface Move {
  readonly shape: readonly number[];
  readonly size: number;
  /** Linear maps that the parameter holds, one upon the other; 0 for a vector, and where rows are looked up. */
  readonly maps: number;
  readonly value: Block;
  readonly gradient: Argument;
  /** Arguments of every kernel that works on rows: which of them move. */
  readonly rows: Rows;
  /** The learning rate of this parameter. */
  readonly rate: Argument;
  /** Memory from step to step, all zero at the start; by default one number for each of the parameter's. */
  memory(name: string, floats?: number): Block;
  /** `floats` numbers that live through one call. */
  scratch(floats: number): Block;
  call(kernel: KernelName, ...args: Argument[]): void;
  /**
   * Has the model be given value − times · offset in place of the value; said before any call. A step that is taken back takes
   * the offset, a memory, back, too.
   */
  gives(offset: Block, times: number): void;
}

/** A list of row numbers, or 0 where all rows move; how many; and their width. */
export type Rows = readonly [list: Block | 0, rows: number | 'touched', width: number];

/** What of its options every optimiser acts by in the same way. */
interface Common {
  readonly learningRate: number;
  /** This much of each weight is added to its gradient. */
  readonly l2?: number;
  /** Each step takes learningRate · weightDecay of a weight away. */
  readonly weightDecay?: number;
}

/** An optimiser that goes a direction, which is laid into the plan in the place of the gradient. */
export function optimizerOf<Options extends Common & Optimizer['options']>(
  { kind, options }: { readonly kind: string; readonly options: Options },
  planDirection: (move: Move, options: Options) => void,
): Optimizer {
  const { l2 = 0, weightDecay = 0 } = options;
  return {
    kind,
    options,
    plan(move) {
      const { value, gradient, rows, rate, call } = move;
      planDecay(move, l2);
      planDirection(move, options);
      planDecay(move, weightDecay);
      call('descend', value, gradient, ...rows, rate);
    },
  };
}

/** Adds a share of the weights to what stands in the place of their gradient; vectors are spared. */
function planDecay({ shape, gradient, value, rows, call }: Move, factor: number): void {
  if (factor > 0 && shape.length > 1) call('addDecay', gradient, value, ...rows, factor);
}
