// Set-up of the tests that run once more on the relaxed build: Node 20 has relaxed SIMD behind a flag.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--experimental-wasm-relaxed-simd');
process.env.GATELET_WASM = 'build/gatelet-relaxed.wasm';
