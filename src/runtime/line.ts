import type { KernelName, Kernels } from './kernels.ts';
import { type Argument, type Block, DIMENSIONS, type KernelCall } from './plan.ts';

/** A call whose addresses are numbers: plain data, fit to be sent to another thread. */
export interface Line {
  readonly kernel: KernelName;
  readonly args: number[];
  /** Arguments that follow a dimension: their position, the dimension's number, a factor. */
  readonly slots: readonly (readonly [position: number, dimension: number, times: number])[];
}

/** @param address where a block lies, by itself for the thread that shall run the call */
export function lineOf(
  { kernel, args }: KernelCall,
  address: (block: Block, thread?: number) => number,
): Line {
  const slots: [number, number, number][] = [];
  const resolve = (argument: Argument, position: number): number => {
    if (typeof argument === 'number') return argument;
    if (typeof argument === 'object') {
      if ('thread' in argument) return address(argument.block, argument.thread);
      if ('block' in argument) return address(argument.block) + argument.offset;
      if ('pointer' in argument) return address(argument);
    }
    const { dimension, times } = typeof argument === 'string' ? { dimension: argument, times: 1 } : argument;
    slots.push([position, DIMENSIONS.indexOf(dimension), times]);
    return 0;
  };
  return { kernel, args: args.map(resolve), slots };
}

/** Makes lines ready to run: each time with what the dimensions are then, and nothing is allocated. */
export function readyToRun(kernels: Kernels, lines: readonly Line[], dimensions: Float64Array): () => void {
  const calls = lines.map(({ kernel, args, slots }) => ({
    run: kernels[kernel] as (...args: unknown[]) => unknown,
    args: boxed(args),
    slots,
  }));
  return () => {
    for (const { run, args, slots } of calls) {
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i];
        args[slot[0]] = dimensions[slot[1]] * slot[2];
      }
      run(...args);
    }
  };
}

/** The same numbers in an array that was not made of numbers: of one that was, engines box each anew at every call. */
function boxed(numbers: readonly number[]): unknown[] {
  const boxes: unknown[] = numbers.map(() => undefined);
  numbers.forEach((number, i) => {
    boxes[i] = number;
  });
  return boxes;
}
