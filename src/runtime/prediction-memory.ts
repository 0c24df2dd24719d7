import { DataError, UsageError } from './errors.ts';
import type { InferKernels } from './kernels.generated.ts';

const PAGE_BYTES = 65_536;
/** A network that takes more is refused before memory is made. */
const MAX_BYTES = 2 ** 30;
const ALIGNMENT = 16;
/** What the system gives at a time. A row that is as long then meets one such piece and not two, when it is written first. */
const SYSTEM_PAGE_BYTES = 4096;

/** A whole memory as numbers of each kind, and the kernels over it. */
export interface Prepared {
  readonly kernels: InferKernels;
  readonly octets: Uint8Array;
  readonly shorts: Int16Array;
  readonly integers: Int32Array;
  readonly floats: Float32Array;
}

/** Memory for a network that only predicts, one text at a time: reserved piece by piece, then made. */
export interface PredictionMemory {
  /** Reserves so many bytes. @returns where they will lie */
  reserve(bytes: number): number;
  /** Makes what was reserved. @throws DataError when it is more than 1 GiB, UsageError when the module is another */
  make(module: WebAssembly.Module): Prepared;
}

/** Memory of which nothing is reserved but page 0, which belongs to the kernels' constants. */
export function predictionMemory(): PredictionMemory {
  let end = PAGE_BYTES;
  return {
    reserve: (bytes) => {
      const alignment = bytes < PAGE_BYTES ? ALIGNMENT : SYSTEM_PAGE_BYTES;
      const start = Math.ceil(end / alignment) * alignment;
      end = start + bytes;
      return start;
    },
    make: (module) => {
      if (end > MAX_BYTES) {
        throw new DataError('the model asks for too much memory', {
          expected: 'at most 1 GiB',
          got: `${Math.ceil(end / 2 ** 20)} MiB`,
        });
      }
      const pages = Math.ceil(end / PAGE_BYTES);
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
      const { buffer } = memory;
      const kernels = new WebAssembly.Instance(module, { env: { memory } })
        .exports as unknown as InferKernels;
      if (!kernels.lstmText) {
        throw new UsageError('load({ module })', {
          expected: 'gatelet-infer.wasm, compiled',
          got: 'another module',
          cause: 'gatelet.wasm is for the whole package.',
        });
      }
      return {
        kernels,
        octets: new Uint8Array(buffer),
        shorts: new Int16Array(buffer),
        integers: new Int32Array(buffer),
        floats: new Float32Array(buffer),
      };
    },
  };
}
