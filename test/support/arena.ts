import { readFileSync } from 'node:fs';
import type { instantiate } from '../../build/gatelet.js';
import type { instantiate as instantiateInfer } from '../../build/gatelet-infer.js';

/** The raw exports of the plain build, as the compiler typed them. */
export type Kernels = Awaited<ReturnType<typeof instantiate>>;
/** Those of the build for predictions alone. */
export type InferKernels = Awaited<ReturnType<typeof instantiateInfer>>;

// Another build of the same kernels is tested by naming its file in GATELET_WASM.
const wasm = process.env.GATELET_WASM ?? new URL('../../build/gatelet.wasm', import.meta.url);
const module = new WebAssembly.Module(readFileSync(wasm));
/** Whether that build multiplies and adds in one rounding, and activations have 7 bits. */
export const isRelaxed = String(wasm).includes('relaxed');

const pageBytes = 65536;
const canaryBytes = 32;
const canary = 0xa5;

/**
 * Kernels over a memory whose every region stands between two canaries.
 *
 * `put…` with values copies them in, with a count reserves that many and poisons them (NaN, or −1 for integers),
 * so that a kernel which forgets to write is noticed; all return the byte offset the kernels take.
 * `take…` copies out. Call `check()` at the end of every test.
 */
export class Arena<K = Kernels> {
  readonly kernels: K;
  private readonly memory: WebAssembly.Memory;
  private readonly regions: { ptr: number; bytes: number }[] = [];
  private top = pageBytes; // page 0 holds the module's tables

  constructor(pages = 64, of = module) {
    this.memory = new WebAssembly.Memory({ initial: pages });
    this.kernels = new WebAssembly.Instance(of, { env: { memory: this.memory } }).exports as unknown as K;
  }

  /** The kernels for predictions alone. */
  static ofInfer(): Arena<InferKernels> {
    const file = new URL('../../build/gatelet-infer.wasm', import.meta.url);
    return new Arena<InferKernels>(64, new WebAssembly.Module(readFileSync(file)));
  }

  /** Reserves bytes between canaries; the offset is a multiple of 16, plus `skewBytes`. */
  reserve(bytes: number, skewBytes = 0): number {
    const ptr = Math.ceil((this.top + canaryBytes) / 16) * 16 + skewBytes;
    this.top = ptr + bytes + canaryBytes;
    const all = new Uint8Array(this.memory.buffer, 0, this.top); // throws when the arena is full
    all.fill(canary, ptr - canaryBytes, ptr).fill(canary, ptr + bytes, this.top);
    this.regions.push({ ptr, bytes });
    return ptr;
  }

  putFloats(values: ArrayLike<number> | number, skewBytes = 0): number {
    const data = typeof values === 'number' ? new Float32Array(values).fill(Number.NaN) : values;
    const ptr = this.reserve(data.length * 4, skewBytes);
    new Float32Array(this.memory.buffer, ptr, data.length).set(data);
    return ptr;
  }

  putInts(values: ArrayLike<number> | number): number {
    const data = typeof values === 'number' ? new Int32Array(values).fill(-1) : values;
    const ptr = this.reserve(data.length * 4);
    new Int32Array(this.memory.buffer, ptr, data.length).set(data);
    return ptr;
  }

  putBytes(count: number): number {
    const ptr = this.reserve(count);
    new Uint8Array(this.memory.buffer, ptr, count).fill(0xff);
    return ptr;
  }

  putIntegers8(values: ArrayLike<number>, skewBytes = 0): number {
    const ptr = this.reserve(values.length, skewBytes);
    new Int8Array(this.memory.buffer, ptr, values.length).set(values);
    return ptr;
  }

  /** Values, and behind them room that may be read. */
  putIntegers16(values: ArrayLike<number>, beyond: number): number {
    const ptr = this.reserve((values.length + beyond) * 2);
    new Int16Array(this.memory.buffer, ptr, values.length + beyond).fill(-1).set(values);
    return ptr;
  }

  putDoubles(count: number): number {
    const ptr = this.reserve(count * 8);
    new Float64Array(this.memory.buffer, ptr, count).fill(Number.NaN);
    return ptr;
  }

  /** A matrix of activations [rows, C] with stride C8 from dense values; the padding is zero. */
  putMatrix(rows: number, C: number, values?: ArrayLike<number>): number {
    const C8 = stride(C);
    const padded = new Float32Array(rows * C8);
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < C; j++) padded[r * C8 + j] = values ? values[r * C + j] : Number.NaN;
    return this.putFloats(padded);
  }

  /** Overwrites the dense values of a matrix of activations; its padding stays. */
  fillMatrix(ptr: number, rows: number, C: number, values: ArrayLike<number>): void {
    const matrix = new Float32Array(this.memory.buffer, ptr, rows * stride(C));
    for (let r = 0; r < rows; r++) for (let j = 0; j < C; j++) matrix[r * stride(C) + j] = values[r * C + j];
  }

  /** Makes numbers NaN: nobody is to read them any more. */
  poison(ptr: number, count: number): void {
    new Float32Array(this.memory.buffer, ptr, count).fill(Number.NaN);
  }

  takeFloats(ptr: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, ptr, count).slice();
  }

  takeInts(ptr: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, ptr, count).slice();
  }

  takeBytes(ptr: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, ptr, count).slice();
  }

  takeDouble(ptr: number): number {
    return new DataView(this.memory.buffer).getFloat64(ptr, true);
  }

  /** The dense values of a matrix of activations; throws where its padding is not zero. */
  takeMatrix(ptr: number, rows: number, C: number): Float32Array {
    const C8 = stride(C);
    const padded = this.takeFloats(ptr, rows * C8);
    const dense = new Float32Array(rows * C);
    for (let r = 0; r < rows; r++) {
      dense.set(padded.subarray(r * C8, r * C8 + C), r * C);
      for (let j = C; j < C8; j++)
        if (padded[r * C8 + j] !== 0)
          throw new Error(`padding of row ${r}, column ${j} is ${padded[r * C8 + j]}`);
    }
    return dense;
  }

  /** Throws when a kernel wrote outside the regions. */
  check(): void {
    const all = new Uint8Array(this.memory.buffer);
    for (const { ptr, bytes } of this.regions)
      for (let k = 0; k < canaryBytes; k++)
        if (all[ptr - 1 - k] !== canary || all[ptr + bytes + k] !== canary)
          throw new Error(`a kernel wrote outside the region of ${bytes} bytes at ${ptr}`);
  }
}

/** The sizes every kernel is tried at: around multiples of 4 and of 8. */
export const sizes = [1, 3, 4, 5, 7, 8, 15, 16, 17, 33];

/** Floats a row of C activations occupies. */
export function stride(C: number): number {
  return (C + 7) & ~7;
}

/** Seeded source of test numbers: `floats(count)` uniform in [low, high), exact in f32; `int(end)` in [0, end). */
export function testNumbers(seed: number) {
  let state = seed | 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    int: (end: number): number => Math.floor(unit() * end),
    floats: (count: number, low = -1, high = 1): Float32Array =>
      Float32Array.from({ length: count }, () => low + unit() * (high - low)),
  };
}

/** Largest |actual − expected| as a share of the largest |expected|; infinite where either is not a number. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values, ${expected.length} expected`);
  let difference = 0;
  let size = 0;
  for (let k = 0; k < actual.length; k++) {
    const d = Math.abs(actual[k] - expected[k]);
    if (Number.isNaN(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
    size = Math.max(size, Math.abs(expected[k]));
  }
  return size === 0 ? difference : difference / size;
}
