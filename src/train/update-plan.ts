import type { Parameter } from '../layers/layer.ts';
import type { NetworkPlan } from '../model/network-plan.ts';
import type { Argument, Block, KernelCall } from '../runtime/plan.ts';
import type { Optimizer, Rows } from './optimizer.ts';

/** How the gradients of a batch become a move of the parameters. */
export interface UpdateOptions {
  readonly optimizer: Optimizer;
  /** The global norm that gradients are scaled down to; Infinity leaves them. */
  readonly clipNorm: number;
  /** The largest value of a gradient's element; Infinity leaves them. */
  readonly clipValue: number;
}

/** What follows forward and backward, on paper. */
export interface UpdatePlan {
  /** Rows of the embedding that the batch touches, ascending. */
  readonly touched: Block;
  /** f64 [1]: the sum that the calls to measure add to, and those that move. */
  readonly squares: Block;
  /** Adds up the squares of the gradients. */
  readonly measure: readonly KernelCall[];
  /** Moves the parameters, clears the gradients, and adds up the squares of the parameters. */
  readonly move: readonly KernelCall[];
  /** Takes the last move back. */
  readonly restore: readonly KernelCall[];
  /** Adds up and clears the gradients of a thread whose own blocks lie so many bytes behind the first's. */
  drain(offset: number): KernelCall[];
}

/**
 * Lays the update of a network into its plan.
 * @param mostTouched rows of the embedding that one batch can touch
 */
export function planUpdate<Outcome>(
  { memory, parameters }: NetworkPlan<Outcome>,
  { optimizer, clipNorm, clipValue }: UpdateOptions,
  mostTouched: number,
): UpdatePlan {
  const reserve = (name: string, floats: number) => memory.reserve('update', name, floats * 4);
  const squares = reserve('squares', 2);
  const touched = reserve('touched', mostTouched);
  const keptList = reserve('kept rows', mostTouched);
  const measure: KernelCall[] = [];
  const move: KernelCall[] = [];
  const restore: KernelCall[] = [];
  for (const parameter of parameters) {
    const { shape, size, sparse, statistic, value } = parameter;
    const gradient = parameter.gradient!;
    const rows = rowsOf(parameter, touched);
    const call = (kernel: KernelCall['kernel'], ...args: KernelCall['args']) =>
      void move.push({ kernel, args });
    const kept = reserve(`kept ${value.name}`, sparse ? mostTouched * rows[2] : size);
    call('keepRows', kept, keptList, value, ...rows);
    restore.push({
      kernel: 'restoreRows',
      args: sparse ? [value, kept, keptList, 'kept', rows[2]] : [value, kept, ...rows],
    });
    if (statistic) call('follow', value, gradient, size, statistic.momentum);
    else {
      if (clipValue < Number.POSITIVE_INFINITY)
        measure.push({ kernel: 'clipValues', args: [gradient, ...rows, clipValue] });
      measure.push({ kernel: 'addSquares', args: [squares, gradient, ...rows] });
      if (clipNorm < Number.POSITIVE_INFINITY) call('scaleGradient', gradient, ...rows, 'gradientScale');
      let rate: Argument = 'rate';
      optimizer.plan({
        shape,
        size,
        value,
        gradient,
        rows,
        memory: (own, floats = size) => memory.reserve('moments', `${own} of ${value.name}`, floats * 4),
        scratch: (floats) => memory.scratch(floats),
        call,
        rate: (times) => {
          rate = { dimension: 'rate', times };
        },
      });
      call('descend', value, gradient, ...rows, rate);
    }
    call('clear', gradient, ...rows);
    call('addSquares', squares, value, ...rows);
  }
  const drain = (offset: number) =>
    parameters.map((parameter): KernelCall => {
      const block = parameter.gradient!;
      return { kernel: 'drain', args: [block, { block, offset }, ...rowsOf(parameter, touched)] };
    });
  return { touched, squares, measure, move, restore, drain };
}

/** The rows of a parameter that a batch moves. */
function rowsOf({ shape, size, sparse }: Parameter, touched: Block): Rows {
  const width = shape.length > 1 ? size / shape[0] : size;
  return sparse ? [touched, 'touched', width] : [0, size / width, width];
}
