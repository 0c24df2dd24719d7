import { machineOf } from './machine.ts';
import { MemoryPlan } from './plan.ts';

/** Draws from the kernels' seeded generator for the host: orders of rows, masks of words. */
export interface RandomSource {
  /** 0 … count−1 in random order; valid until the next draw. */
  permutation(count: number, seed: number, stream: number, step: number): Int32Array;
  /** 1 with probability `rate`, else 0, in each of `count` bytes; the same array at every call. */
  mask(count: number, rate: number, seed: number, stream: number, step: number): Uint8Array;
}

/** @param most numbers that one call may draw */
export function randomSource(module: WebAssembly.Module, most: number): RandomSource {
  const plan = new MemoryPlan({ B: 0, N: 0, U: 0 });
  const block = plan.reserve('io', 'draws', most * 4);
  const machine = machineOf(module, plan);
  const { kernels } = machine;
  const [integers, bytes] = [machine.integers(block), machine.octets(block)];
  return {
    permutation(count, ...draw) {
      kernels.permutation(block.pointer, count, ...draw);
      return integers.subarray(0, count);
    },
    mask(...draw) {
      kernels.bernoulliMask(block.pointer, ...draw);
      return bytes;
    },
  };
}
