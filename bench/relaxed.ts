// Relaxed SIMD: Node 22 and newer have it, Node 20 has it behind a flag, and without the flag its users get the plain build.
import { setFlagsFromString } from 'node:v8';

const FLAG = '--experimental-wasm-relaxed-simd';

/** A module with one function, () → v128: i8x16.relaxed_swizzle of two vectors of zeros. */
const SMALLEST = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic, version
  ...[1, 5, 1, 96, 0, 1, 123], // types
  ...[3, 2, 1, 0], // functions
  ...[10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15, 253, 128, 2, 11], // code
);
const takesIt = () => WebAssembly.validate(SMALLEST);

const hasItUnasked = takesIt();
if (!hasItUnasked) setFlagsFromString(FLAG);

/** Whether this engine, asked if need be, takes relaxed SIMD. */
export const hasRelaxed = takesIt();

/** What a new process has to be told. */
export const relaxedFlags: readonly string[] = hasItUnasked ? [] : [FLAG];

/** What a row of the relaxed build says of the engine. */
export const relaxedRemark = hasItUnasked
  ? {}
  : { engine: `${process.version} has relaxed SIMD only behind a flag: its users get the plain build` };
