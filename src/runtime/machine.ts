import { UsageError } from './errors.ts';
import { type Kernels, kernelsOver } from './kernels.ts';
import {
  type Argument,
  type Block,
  DIMENSIONS,
  type Dimension,
  fitsMemory,
  type KernelCall,
  type MemoryPlan,
  type Region,
  type RegionExtent,
} from './plan.ts';

/** A list of calls made ready to run: dimensions are filled in, nothing is allocated. */
export type Program = () => void;

/** A laid-out plan in a memory of its own, and the kernels over it. The only maker of views of wasm memory. */
export class Machine {
  readonly kernels: Kernels;
  readonly bytes: number;
  readonly #memory: WebAssembly.Memory;
  readonly #regions: Readonly<Record<Region, RegionExtent>>;
  readonly #values = new Float64Array(DIMENSIONS.length);

  constructor(module: WebAssembly.Module, plan: MemoryPlan) {
    const { pages, regions } = plan.layOut();
    if (!fitsMemory(pages)) {
      throw new UsageError('the model does not fit into WebAssembly memory', {
        expected: 'at most 4 GiB in all',
        got: `${(pages / 16_384).toFixed(1)} GiB`,
        cause: 'Make the vocabulary, the layers, maxLength or the batch smaller.',
      });
    }
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#regions = regions;
    this.bytes = this.#memory.buffer.byteLength;
    this.kernels = kernelsOver(module, this.#memory);
  }

  /** Sets a dimension for the calls that follow. */
  set(dimension: Dimension, value: number): void {
    this.#values[DIMENSIONS.indexOf(dimension)] = value;
  }

  /** A block as f32. */
  floats(block: Block): Float32Array {
    return new Float32Array(this.#memory.buffer, block.pointer, block.bytes / 4);
  }

  /** A block as i32. */
  integers(block: Block): Int32Array {
    return new Int32Array(this.#memory.buffer, block.pointer, block.bytes / 4);
  }

  /** A block as f64. */
  doubles(block: Block): Float64Array {
    return new Float64Array(this.#memory.buffer, block.pointer, block.bytes / 8);
  }

  /** A block as bytes. */
  octets(block: Block): Uint8Array {
    return new Uint8Array(this.#memory.buffer, block.pointer, block.bytes);
  }

  /** The int8 weights. */
  get quantised(): Int8Array {
    const { start, bytes } = this.#regions.quantised;
    return new Int8Array(this.#memory.buffer, start, bytes);
  }

  /** A whole region as f32. */
  region(region: Region): Float32Array {
    const { start, bytes } = this.#regions[region];
    return new Float32Array(this.#memory.buffer, start, bytes / 4);
  }

  /** Makes a list of calls ready to run. */
  program(calls: readonly KernelCall[]): Program {
    const lines = calls.map(({ kernel, args }) => new Line(this.kernels[kernel] as Kernel, args));
    const values = this.#values;
    return () => {
      for (const line of lines) line.run(values);
    };
  }
}

type Kernel = (...args: number[]) => unknown;

/** One call: its arguments, and which of them follow a dimension. */
class Line {
  readonly #kernel: Kernel;
  readonly #args: number[];
  readonly #positions: number[] = [];
  readonly #dimensions: number[] = [];
  readonly #times: number[] = [];

  constructor(kernel: Kernel, args: readonly Argument[]) {
    this.#kernel = kernel;
    this.#args = args.map((argument, position) => {
      if (typeof argument === 'number') return argument;
      if (typeof argument === 'object') {
        if ('block' in argument) return argument.block.pointer + argument.offset;
        if ('pointer' in argument) return argument.pointer;
      }
      const { dimension, times } =
        typeof argument === 'string' ? { dimension: argument, times: 1 } : argument;
      this.#positions.push(position);
      this.#dimensions.push(DIMENSIONS.indexOf(dimension));
      this.#times.push(times);
      return 0;
    });
  }

  run(values: Float64Array): void {
    const args = this.#args;
    for (let i = 0; i < this.#positions.length; i++) {
      args[this.#positions[i]] = values[this.#dimensions[i]] * this.#times[i];
    }
    this.#kernel(...args);
  }
}
