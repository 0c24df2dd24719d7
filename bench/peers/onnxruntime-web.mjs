// ONNX Runtime as WebAssembly. It does not train.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web';
import { prepareSession } from './onnxruntime.mjs';

const wasm = import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm');
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmBinary = readFileSync(fileURLToPath(wasm));

export const version = ort.env.versions.web;
export const prepare = (folder) => prepareSession(ort, 'wasm', folder);
