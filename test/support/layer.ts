import { readFileSync } from 'node:fs';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer, Value } from '../../src/layers/layer.ts';
import { Network } from '../../src/model/network.ts';
import { listParameters, planNetwork } from '../../src/model/network-plan.ts';
import type { Matrix } from '../reference/lstm.ts';
import { stride } from './arena.ts';
import { packSequences, stepsOf } from './packed.ts';

const wasm = process.env.GATELET_WASM ?? new URL('../../build/gatelet.wasm', import.meta.url);
const module = new WebAssembly.Module(readFileSync(wasm));

/**
 * A layer planned for training and run once, forward and backward, over texts longest first, x [b][t][C].
 * @param parameters by the names the layer gives them
 * @param gradientOf y, packed and dense, gives its gradient, likewise
 */
export function runLayer(
  layer: Layer,
  x: Matrix[],
  parameters: Readonly<Record<string, ArrayLike<number>>>,
  gradientOf: (y: number[]) => ArrayLike<number>,
) {
  const lengths = x.map((sequence) => sequence.length);
  const rows = packSequences(x);
  const [N, C] = [x.flat().length, x[0][0].length];
  const layers = [embedding({ size: C }), layer];
  const spec = { layers, tableRows: N, maxBag: 1, seed: 1, weights: 'f32' } as const;
  const limits = { maxSequences: lengths.length, maxRows: N };
  const network = new Network<Value>(
    module,
    planNetwork(module, spec, 'train', limits, (_, value) => value),
  );
  const specs = listParameters(layers, N);
  const name = (full: string) => full.replace(/^layers\.\d+\.\w+\./, '');
  const [, ...own] = specs;
  network.weights.set([...rows, ...own.flatMap((spec) => Array.from(parameters[name(spec.name)]))]);
  const each = Int32Array.from({ length: N + 1 }, (_, n) => n);
  const steps = Int32Array.from(stepsOf(lengths));
  network.enter({
    numSequences: lengths.length,
    numSteps: steps.length,
    numRows: N,
    numDistinct: N,
    numBagIds: N,
    numTouched: N,
    steps,
    lengths: Int32Array.from(lengths),
    index: each,
    bagStart: each,
    bagIds: each,
    touched: each,
    order: each,
  });
  network.prepare();
  network.forward();
  const { block, gradient, shape, rows: count } = network.outcome;
  const width = shape.kind === 'tokens' ? 0 : shape.features;
  const outputRows = count === 'B' ? lengths.length : N;
  const matrix = network.machine.floats(block);
  const y = Array.from(
    { length: outputRows * width },
    (_, i) => matrix[Math.floor(i / width) * stride(width) + (i % width)],
  );
  const dY = network.machine.floats(gradient!).fill(0);
  Array.from(gradientOf(y)).forEach((value, i) => {
    dY[Math.floor(i / width) * stride(width) + (i % width)] = value;
  });
  network.backward();
  let all = network.machine.region('gradients');
  const gradients = Object.fromEntries(
    specs.map((spec, i) => {
      const values = [...all.subarray(0, spec.size)];
      all = all.subarray(spec.size);
      return [i === 0 ? 'x' : name(spec.name), values];
    }),
  );
  return { y, gradients };
}
