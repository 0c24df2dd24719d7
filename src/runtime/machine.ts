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
} from './plan.ts';

/** A list of calls made ready to run: dimensions are filled in, nothing is allocated. */
export type Program = () => void;

/** A memory as one thread of it sees it. The only maker of views of wasm memory. */
export interface View {
  /** The value of each dimension, in the order of DIMENSIONS. */
  readonly dimensions: Float64Array;
  /** Sets a dimension for the calls that follow. */
  set(dimension: Dimension, value: number): void;
  /** Where a block lies for a thread, by default this one. */
  address(block: Block, thread?: number): number;
  /** A block as f32. */
  floats(block: Block): Float32Array;
  /** A block as i32. */
  integers(block: Block): Int32Array;
  /** A block as f64. */
  doubles(block: Block): Float64Array;
  /** A block as bytes. */
  octets(block: Block): Uint8Array;
  /** Calls as this thread would run them. */
  lines(calls: readonly KernelCall[]): Line[];
}

/** A laid-out plan in a memory of its own, and the kernels over it; itself the view of the first thread. */
export interface Machine extends View {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly bytes: number;
  /** The views of the other threads that the plan is for. */
  readonly others: readonly View[];
  /** The int8 weights. */
  readonly quantised: Int8Array;
  /** A whole region as f32. */
  region(region: Region): Float32Array;
  /** Makes a list of calls ready to run. */
  program(calls: readonly KernelCall[]): Program;
}

/** @param threadBytes from one thread's own blocks to the next one's */
function viewOf(buffer: ArrayBufferLike, isShared: boolean, own: number, threadBytes: number): View {
  const bytes = DIMENSIONS.length * Float64Array.BYTES_PER_ELEMENT;
  const dimensions = new Float64Array(isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  const address = ({ region, pointer }: Block, thread = own) =>
    isOwn(region) ? pointer + thread * threadBytes : pointer;
  return {
    dimensions,
    set(dimension, value) {
      dimensions[DIMENSIONS.indexOf(dimension)] = value;
    },
    address,
    floats: (block) => new Float32Array(buffer, address(block), block.bytes / 4),
    integers: (block) => new Int32Array(buffer, address(block), block.bytes / 4),
    doubles: (block) => new Float64Array(buffer, address(block), block.bytes / 8),
    octets: (block) => new Uint8Array(buffer, address(block), block.bytes),
    lines: (calls) => calls.map((call) => lineOf(call, address)),
  };
}

/** Makes the memory that a plan asks for. @param module with shared memory if the plan is for several threads */
export function machineOf(module: WebAssembly.Module, plan: MemoryPlan): Machine {
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
  const { buffer } = memory;
  const [first, ...others] = Array.from({ length: plan.threads }, (_, thread) =>
    viewOf(buffer, shared, thread, threadBytes),
  );
  const kernels = kernelsOver(module, memory);
  return {
    ...first,
    memory,
    kernels,
    bytes: buffer.byteLength,
    others,
    get quantised() {
      return new Int8Array(buffer, regions.quantised.start, regions.quantised.bytes);
    },
    region: (region) => new Float32Array(buffer, regions[region].start, regions[region].bytes / 4),
    program: (calls) => readyToRun(kernels, first.lines(calls), first.dimensions),
  };
}
