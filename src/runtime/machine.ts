import { UsageError } from './errors.ts';
import { type Kernels, kernelsOver } from './kernels.ts';
import { type Line, lineOf, readyToRun } from './line.ts';
import {
  type Block,
  DIMENSIONS,
  type Dimension,
  fitsMemory,
  isOwn,
  type KernelCall,
  type MemoryPlan,
  type Region,
  type RegionExtent,
} from './plan.ts';

/** A list of calls made ready to run: dimensions are filled in, nothing is allocated. */
export type Program = () => void;

/** A memory as one thread of it sees it. The only maker of views of wasm memory. */
export class View {
  readonly memory: WebAssembly.Memory;
  /** The value of each dimension, in the order of DIMENSIONS. */
  readonly dimensions: Float64Array;
  readonly #thread: number;
  readonly #threadBytes: number;

  /** @param threadBytes from one thread's own blocks to the next one's */
  constructor(memory: WebAssembly.Memory, isShared: boolean, thread: number, threadBytes: number) {
    const bytes = DIMENSIONS.length * Float64Array.BYTES_PER_ELEMENT;
    this.memory = memory;
    this.dimensions = new Float64Array(isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    this.#thread = thread;
    this.#threadBytes = threadBytes;
  }

  /** Sets a dimension for the calls that follow. */
  set(dimension: Dimension, value: number): void {
    this.dimensions[DIMENSIONS.indexOf(dimension)] = value;
  }

  /** Where a block lies for a thread, by default this one. */
  address({ region, pointer }: Block, thread = this.#thread): number {
    return isOwn(region) ? pointer + thread * this.#threadBytes : pointer;
  }

  /** A block as f32. */
  floats(block: Block): Float32Array {
    return new Float32Array(this.memory.buffer, this.address(block), block.bytes / 4);
  }

  /** A block as i32. */
  integers(block: Block): Int32Array {
    return new Int32Array(this.memory.buffer, this.address(block), block.bytes / 4);
  }

  /** A block as f64. */
  doubles(block: Block): Float64Array {
    return new Float64Array(this.memory.buffer, this.address(block), block.bytes / 8);
  }

  /** A block as bytes. */
  octets(block: Block): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.address(block), block.bytes);
  }

  /** Calls as this thread would run them. */
  lines(calls: readonly KernelCall[]): Line[] {
    return calls.map((call) => lineOf(call, (block, thread) => this.address(block, thread)));
  }
}

/** A laid-out plan in a memory of its own, and the kernels over it; itself the view of the first thread. */
export class Machine extends View {
  readonly kernels: Kernels;
  readonly bytes: number;
  /** The views of the other threads that the plan is for. */
  readonly others: readonly View[];
  readonly #regions: Readonly<Record<Region, RegionExtent>>;

  /** @param module with shared memory if the plan is for several threads */
  constructor(module: WebAssembly.Module, plan: MemoryPlan) {
    const { pages, regions, threadBytes } = plan.layOut();
    if (!fitsMemory(pages)) {
      throw new UsageError('the model does not fit into WebAssembly memory', {
        expected: 'at most 4 GiB in all',
        got: `${(pages / 16_384).toFixed(1)} GiB`,
        cause: 'Make the vocabulary, the layers, maxLength or the batch smaller.',
      });
    }
    const shared = plan.threads > 1;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    super(memory, shared, 0, threadBytes);
    this.others = Array.from(
      { length: plan.threads - 1 },
      (_, i) => new View(memory, shared, i + 1, threadBytes),
    );
    this.#regions = regions;
    this.bytes = memory.buffer.byteLength;
    this.kernels = kernelsOver(module, memory);
  }

  /** The int8 weights. */
  get quantised(): Int8Array {
    const { start, bytes } = this.#regions.quantised;
    return new Int8Array(this.memory.buffer, start, bytes);
  }

  /** A whole region as f32. */
  region(region: Region): Float32Array {
    const { start, bytes } = this.#regions[region];
    return new Float32Array(this.memory.buffer, start, bytes / 4);
  }

  /** Makes a list of calls ready to run. */
  program(calls: readonly KernelCall[]): Program {
    return readyToRun(this.kernels, this.lines(calls), this.dimensions);
  }
}
