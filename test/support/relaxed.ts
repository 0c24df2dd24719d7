// Set-up of the tests that run once more on the relaxed build: Node 20 has relaxed SIMD behind a flag.
import { setFlagsFromString } from 'node:v8';
import { relaxedFlags } from '../../bench/relaxed.ts';

if (relaxedFlags.length > 0) setFlagsFromString('--no-liftoff'); // whose relaxed dot product is wrong there
process.env.GATELET_WASM = 'build/gatelet-relaxed.wasm';
