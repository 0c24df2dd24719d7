// TensorFlow.js on its WebAssembly backend, from its own operations: an LSTM cell is two products, a sum, four
// activations and the state. It does not train here: the backend lacks the gradient of gather().
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { readFloats, readIds, readSizes } from './files.mjs';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);

export const version = tf.version_core;

export async function prepare(folder) {
  const weights = readFloats(folder);
  const sizes = readSizes(folder);
  const ids = readIds(folder);
  return async () => {
    if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend does not start');
    const model = tensorsOf(weights, sizes);
    return (from, count) => tf.tidy(() => probabilities(model, ids.rows(from, count), count).dataSync());
  };
}

function tensorsOf(weights, { V, E, H }) {
  let at = 0;
  const take = (rows, columns) => {
    const values = weights.subarray(at, at + rows * columns);
    at += values.length;
    return tf.tensor2d(values, [rows, columns]);
  };
  const table = take(V, E);
  // Its products are fast only without transposes, so that is done once.
  const inputWeights = tf.transpose(take(4 * H, E));
  const stateWeights = tf.transpose(take(4 * H, H));
  return {
    table,
    inputWeights,
    stateWeights,
    bias: take(1, 4 * H),
    dense: take(H, 1),
    denseBias: take(1, 1),
  };
}

function probabilities(model, ids, count) {
  const { table, inputWeights, stateWeights, bias, dense, denseBias } = model;
  const timeMajor = tf.transpose(tf.tensor2d(ids, [count, ids.length / count], 'int32'));
  const steps = tf.unstack(tf.gather(table, timeMajor));
  let h;
  let c;
  for (const x of steps) {
    const projected = tf.add(tf.matMul(x, inputWeights), bias);
    const gates = h ? tf.add(projected, tf.matMul(h, stateWeights)) : projected;
    const [i, f, g, o] = tf.split(gates, 4, 1);
    const candidate = tf.mul(tf.sigmoid(i), tf.tanh(g));
    c = c ? tf.add(tf.mul(tf.sigmoid(f), c), candidate) : candidate;
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
  }
  return tf.sigmoid(tf.add(tf.matMul(h, dense), denseBias));
}
