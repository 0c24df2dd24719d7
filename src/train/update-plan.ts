import { call, type Parameter } from '../layers/layer.ts';
import type { NetworkPlan } from '../model/network-plan.ts';
import type { Argument, Block, KernelCall, Stage } from '../runtime/plan.ts';
import type { Average } from './average.ts';
import type { Optimizer, Rows } from './optimizer.ts';

/** How the gradients of a batch become a move of the parameters. */
export interface UpdateOptions {
  readonly optimizer: Optimizer;
  /** The global norm that gradients are scaled down to; Infinity leaves them. */
  readonly clipNorm: number;
  /** The largest value of a gradient's element; Infinity leaves them. */
  readonly clipValue: number;
  /** By layer, what the learning rate is multiplied by; 0 leaves a layer as it is. By default 1 for all. */
  readonly layerRates?: readonly number[] | undefined;
  /** Kept beside the parameters, if the model is to be given one. */
  readonly average?: Average | undefined;
}

/** What follows forward and backward, on paper: two stages, each with a task for every parameter. */
export interface UpdatePlan {
  /** f64 for each parameter: what gathering and moving it add the sum of squares to. */
  readonly squares: Block;
  /** Adds all threads' gradients to the first's, clears the others, adds up the squares, and keeps what moves. */
  readonly gather: Stage;
  /** Moves the parameters, clears the gradients, and adds up the squares of the parameters. */
  readonly move: Stage;
  /** Numbers that the optimiser remembers of each parameter, in their order. */
  readonly remembered: readonly number[];
  /** Of each parameter the average that a model is given in its place, if there is one. */
  readonly averages: readonly (Block | undefined)[];
  /** Writes those averages that are not kept as such. */
  readonly give: readonly KernelCall[];
  /** Takes the last move back. */
  readonly restore: readonly KernelCall[];
}

/**
 * Lays the update of a network into its plan. A parameter's tasks are one thread's, whichever: so what comes of them does
 * not depend on it.
 */
export function planUpdate<Outcome>(
  { memory, parameters, batch }: NetworkPlan<Outcome>,
  { optimizer, clipNorm, clipValue, layerRates, average }: UpdateOptions,
): UpdatePlan {
  const reserve = (name: string, floats: number) => memory.reserve('update', name, floats * 4);
  const squares = reserve('squares', 2 * parameters.length);
  const mostTouched = batch.touched.bytes / 4;
  const keptList = reserve('kept rows', mostTouched);
  const restore: KernelCall[] = [];
  const remembered = parameters.map(() => 0);
  const give: KernelCall[] = [];
  const averages: (Block | undefined)[] = parameters.map(() => undefined);
  const tasks = parameters.map((parameter, i) => {
    const { shape, size, maps = 0, statistic, value } = parameter;
    const gradientOf = (thread: number) => ({ block: parameter.gradient!, thread });
    const gradient = gradientOf(0);
    const square = { block: squares, offset: 8 * i };
    const rows = rowsOf(parameter, batch.touched);
    const [list, numRows, width] = rows;
    const count: Argument = list === 0 ? size : { dimension: 'touched', times: width };
    const gather: KernelCall[] = [];
    const move: KernelCall[] = [];
    const task = { size, gather, move };
    const then = (kernel: KernelCall['kernel'], ...args: KernelCall['args']) =>
      void move.push(call(kernel, ...args));
    for (let thread = 1; thread < memory.threads; thread++)
      gather.push(call('drain', gradient, gradientOf(thread), count));
    const times = layerRates?.[parameter.layer] ?? 1;
    if (times === 0) {
      then('clear', gradient, count);
      return task;
    }
    const all = [0, 1, size] as const;
    const keep = (block: Block, rows: Rows) => {
      const [list, , width] = rows;
      const kept = reserve(`kept ${block.name}`, list === 0 ? size : mostTouched * width);
      gather.push(call('keepRows', kept, keptList, block, ...rows));
      const back = list === 0 ? rows : ([keptList, 'kept', width] as const);
      restore.push(call('restoreRows', block, kept, ...back));
    };
    keep(value, rows);
    const remember = (name: string, floats: number) => {
      remembered[i] += floats;
      return memory.reserve('moments', `${name} of ${value.name}`, floats * 4);
    };
    if (statistic) then('follow', value, gradient, size, statistic.momentum);
    else {
      if (clipValue < Infinity) gather.push(call('clipValues', gradient, count, clipValue));
      gather.push(call('addSquares', square, gradient, 0, numRows, width));
      if (clipNorm < Infinity) then('scaleGradient', gradient, count, 'gradientScale');
      optimizer.plan({
        shape,
        size,
        maps,
        value,
        gradient,
        rows,
        rate: times === 1 ? 'rate' : { dimension: 'rate', times },
        memory: (own, floats = size) => remember(own, floats),
        scratch: (floats) => memory.scratch(floats),
        call: then,
        gives: (offset, times) => {
          keep(offset, rows);
          const given = reserve(`given ${value.name}`, size);
          give.push(call('keepRows', given, 0, value, ...all));
          give.push(call('descend', given, offset, ...all, times));
          averages[i] = given;
        },
      });
      if (average) {
        const mean = remember('average', size);
        keep(mean, all);
        then('follow', mean, value, size, 'share');
        averages[i] = mean;
      }
    }
    then('clear', gradient, count);
    then('addSquares', square, value, ...rows);
    return task;
  });
  tasks.sort((a, b) => b.size - a.size); // the longest first, so that none is left for the end
  const [gather, move] = (['gather', 'move'] as const).map((stage) => tasks.map((task) => task[stage]));
  return { squares, gather, move, remembered, averages, give, restore };
}

/** The rows of a parameter that a batch moves. */
function rowsOf({ shape, size, sparse }: Parameter, touched: Block): Rows {
  const width = shape.length > 1 ? size / shape[0] : size;
  return sparse ? [touched, 'touched', width] : [0, size / width, width];
}
