import { Machine } from './machine.ts';
import { type Block, MemoryPlan } from './plan.ts';

/** Draws from the kernels' seeded generator for the host: orders of rows, masks of words. */
export class RandomSource {
  readonly #machine: Machine;
  readonly #block: Block;
  readonly #bytes: Uint8Array;

  /** @param most numbers that one call may draw */
  constructor(module: WebAssembly.Module, most: number) {
    const plan = new MemoryPlan({ B: 0, N: 0, U: 0 });
    this.#block = plan.reserve('io', 'draws', most * 4);
    this.#machine = new Machine(module, plan);
    this.#bytes = this.#machine.octets(this.#block);
  }

  /** 0 … count−1 in random order; valid until the next draw. */
  permutation(count: number, seed: number, stream: number, step: number): Int32Array {
    this.#machine.kernels.permutation(this.#block.pointer, count, seed, stream, step);
    return this.#machine.integers(this.#block).subarray(0, count);
  }

  /** 1 with probability `rate`, else 0, in each of `count` bytes; the same array at every call. */
  mask(count: number, rate: number, seed: number, stream: number, step: number): Uint8Array {
    this.#machine.kernels.bernoulliMask(this.#block.pointer, count, rate, seed, stream, step);
    return this.#bytes;
  }
}
