// TensorFlow.js on its WebAssembly backend, from its own operations: an LSTM cell is two products, a sum, four
// activations and the state. To train an embedding it lacks a kernel, which is added here.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { readFloats, readIds, readLabels, readSizes } from './files.mjs';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);

export const version = tf.version_core;

export async function prepare(folder, task) {
  const weights = readFloats(folder);
  const sizes = readSizes(folder);
  const ids = readIds(folder);
  const labels = readLabels(folder);
  return async () => {
    if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend does not start');
    const model = tensorsOf(weights, sizes);
    if (task === 'train') return trainingOf(model, ids, labels);
    const probabilities = (from, count) => tf.sigmoid(logits(model, ids.rows(from, count), count, tf.matMul));
    return (from, count) => tf.tidy(() => probabilities(from, count).dataSync());
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
  const tensors = {
    table,
    inputWeights,
    stateWeights,
    bias: take(1, 4 * H),
    dense: take(H, 1),
    denseBias: take(1, 1),
  };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tf.variable(tensor)]));
}

function logits(model, ids, count, matMul) {
  const { table, inputWeights, stateWeights, bias, dense, denseBias } = model;
  const timeMajor = tf.reshape(tf.transpose(tf.tensor2d(ids, [count, ids.length / count], 'int32')), [-1]);
  const steps = tf.split(tf.gather(table, timeMajor), ids.length / count);
  let h;
  let c;
  for (const x of steps) {
    const projected = tf.add(matMul(x, inputWeights), bias);
    const gates = h ? tf.add(projected, matMul(h, stateWeights)) : projected;
    const [i, f, g, o] = tf.split(gates, 4, 1);
    const candidate = tf.mul(tf.sigmoid(i), tf.tanh(g));
    c = c ? tf.add(tf.mul(tf.sigmoid(f), c), candidate) : candidate;
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
  }
  return tf.add(matMul(h, dense), denseBias);
}

function trainingOf(model, ids, labels) {
  require('@tensorflow/tfjs-layers'); // brings the gradients of all operations
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: sumBySegment,
  });
  const adam = tf.train.adam(1e-3);
  const lossOf = (from, count) => {
    const truth = tf.tensor2d(labels.subarray(from, from + count), [count, 1]);
    return tf.losses.sigmoidCrossEntropy(truth, logits(model, ids.rows(from, count), count, tunedProduct));
  };
  return (from, count) => tf.tidy(() => adam.minimize(() => lossOf(from, count), true).dataSync());
}

/** The gradient of gather(): for each row of the table the sum of the rows that show it. */
function sumBySegment({ inputs: { x, segmentIds }, backend, attrs: { numSegments } }) {
  const width = x.size / segmentIds.size;
  const sums = backend.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], 'float32');
  const [to, values, segments] = [sums, x, segmentIds].map((tensor) => backend.typedArrayFromHeap(tensor));
  to.fill(0);
  segments.forEach((segment, row) => {
    for (let i = 0; i < width; i++) to[segment * width + i] += values[row * width + i];
  });
  return sums;
}

/** A product whose gradient transposes first: the backend multiplies transposed matrices many times slower. */
const tunedProduct = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [x, y]) => [tf.matMul(dy, tf.transpose(y)), tf.matMul(tf.transpose(x), dy)],
  };
});
