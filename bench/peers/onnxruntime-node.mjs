// ONNX Runtime, native. It does not train.
import * as ort from 'onnxruntime-node';
import { prepareSession } from './onnxruntime.mjs';

export const version = ort.env.versions.node;
export const prepare = (folder) => prepareSession(ort, 'cpu', folder);
