// Single kernels, each product as large as in the LSTM of the training step: embedding 128, hidden size 256,
// 32 texts of 100 words.
import { loadModule } from '#module';
import type { KernelName } from '../../src/runtime/kernels.ts';
import { Machine } from '../../src/runtime/machine.ts';
import { type Block, MemoryPlan } from '../../src/runtime/plan.ts';
import { type Meter, probeOver, shareOfPeak, type Timing } from '../measure.ts';
import { type Measurement, round } from '../rows.ts';

export default async function* kernelSuite(meter: Meter): AsyncGenerator<Measurement> {
  const module = await loadModule('plain');
  yield* products(meter, module);
  yield await matrixVector(meter, module);
  yield* packing(meter, module);
  yield* functions(meter);
  yield* lstmSteps(meter, module);
}

async function* products(meter: Meter, module: WebAssembly.Module): AsyncGenerator<Measurement> {
  const list = [
    { name: 'recurrent step (32,1024,256)', m: 32, n: 1024, k: 256, goal: 82 },
    { name: 'input projection (3200,1024,128)', m: 3200, n: 1024, k: 128, goal: 82 },
    { name: 'input gradient (3200,256,1024)', m: 3200, n: 256, k: 1024, goal: 82 },
    { name: 'matrix-vector (1,1024,256)', m: 1, n: 1024, k: 256 },
  ];
  for (const { name, m, n, k, ...promise } of list) {
    const stage = new Stage(module, { c: m * n, a: m * k, panels: n * k });
    const { c, a, panels } = stage.pointers;
    const timing = await meter.time(stage.call('matmul', c, a, panels, m, n, k, k, n, 0));
    yield share(name, timing, 2 * m * n * k, promise);
  }
  for (const [name, C] of [
    ['recurrent weight gradient AᵀB (256,1024,3200)', 256],
    ['input weight gradient AᵀB (128,1024,3200)', 128],
  ] as const) {
    const [rows, width] = [3200, 1024];
    const scratch = new Stage(module, {}).kernels.matmulTransposedAScratch(C);
    const stage = new Stage(module, { dW: width * C, dGates: rows * width, x: rows * C, scratch });
    const { dW, dGates, x, scratch: own } = stage.pointers;
    const timing = await meter.time(
      stage.call('matmulTransposedA', dW, dGates, x, own, width, C, rows, width, C),
    );
    yield share(name, timing, 2 * rows * width * C, {
      goal: 72,
      measured: `packing included, as (${width},${C},${rows}): dW [4H,C] = dGatesᵀ·x is what the LSTM computes`,
    });
  }
}

/** One row with int8 weights, its quantisation included. */
async function matrixVector(meter: Meter, module: WebAssembly.Module): Promise<Measurement> {
  const [n, k] = [1024, 256];
  const scratch = new Stage(module, {}).kernels.matmulQuantisedScratch(k);
  const sizes = { weight: n * k, q: (n * k) / 4, scales: n, panels: (n * (4 + k)) / 4, c: n, a: k, scratch };
  const stage = new Stage(module, sizes);
  const { weight, q, scales, panels, c, a, scratch: own } = stage.pointers;
  stage.call('quantiseWeights', q, scales, weight, n, k)();
  stage.call('packQuantised', panels, q, scales, n, k)();
  const { ms, slices } = await meter.time(stage.call('matmulQuantised', c, a, panels, own, 1, n, k, n, 0));
  const us = (time: number) => round(1000 * time);
  return {
    name: 'matrix-vector, int8 weights (1,1024,256)',
    value: us(ms.quantile),
    unit: 'µs',
    better: 'lower',
    median: us(ms.median),
    best: us(ms.best),
    slices,
  };
}

/** Weights into panels, once a step. */
async function* packing(meter: Meter, module: WebAssembly.Module): AsyncGenerator<Measurement> {
  const [D, H] = [128, 256];
  const [sizeIH, sizeHH] = [4 * H * D, 4 * H * H];
  const stage = new Stage(module, {
    panelsIH: sizeIH,
    panelsHH: sizeHH,
    biasRow: 4 * H,
    weightIH: sizeIH,
    weightHH: sizeHH,
    bias: 4 * H,
  });
  const { panelsIH, panelsHH, biasRow, weightIH, weightHH, bias } = stage.pointers;
  const forward = stage.call('lstmPack', panelsIH, panelsHH, biasRow, weightIH, weightHH, bias, D, H);
  const backward = stage.call('lstmPackBackward', panelsIH, panelsHH, weightIH, weightHH, D, H);
  const bytes = 4 * (sizeIH + sizeHH);
  for (const [name, run] of [
    ['pack weights for forward (D 128, H 256)', forward],
    ['pack weights for backward (D 128, H 256)', backward],
  ] as const) {
    const { ms, slices } = await meter.time(run);
    yield {
      name,
      value: round(ms.quantile),
      unit: 'ms',
      better: 'lower',
      median: round(ms.median),
      best: round(ms.best),
      gigabytesPerSecond: round((bytes * 1e-6) / ms.quantile),
      slices,
    };
  }
}

/** Elementary functions over 16 KB, which stay in the L1 cache. */
async function* functions(meter: Meter): AsyncGenerator<Measurement> {
  const count = 4096;
  const memory = new WebAssembly.Memory({ initial: 2 });
  const probe = probeOver(memory);
  const [x, y] = [65_536, 65_536 + count * 4];
  const values = new Float32Array(memory.buffer, x, count);
  for (const [name, low, high] of [
    ['exp', -10, 10],
    ['sigmoid', -10, 10],
    ['tanh', -5, 5],
    ['log', 0.001, 10],
  ] as const) {
    for (let i = 0; i < count; i++) values[i] = low + ((high - low) * i) / count;
    const { ms, slices } = await meter.time(() => probe[`${name}All`](y, x, count));
    const speed = (time: number) => round((count * 1e-6) / time);
    yield {
      name,
      value: speed(ms.quantile),
      unit: 'elements/ns',
      better: 'higher',
      median: speed(ms.median),
      best: speed(ms.best),
      slices,
    };
  }
}

/** Steps of 32 sequences; at H 64 the cell weighs more than the product. */
async function* lstmSteps(meter: Meter, module: WebAssembly.Module): AsyncGenerator<Measurement> {
  const [B, T] = [32, 20];
  for (const H of [64, 256]) {
    const [rows, width] = [B * T, 4 * H];
    const stage = new Stage(module, {
      h: rows * H,
      c: rows * H,
      gates: rows * width,
      projected: rows * width,
      panelsHH: width * H,
      biasRow: width,
      previous: rows * H,
      dH: B * H,
      dC: B * H,
      dY: rows * H,
      backHH: width * H,
      steps: T,
    });
    const { h, c, gates, projected, panelsHH, biasRow, previous, dH, dC, dY, backHH, steps } = stage.pointers;
    stage.integers('steps').fill(B);
    const forward = stage.call(
      'lstmForward',
      ...[h, c, gates, projected, 0, steps, 0, 0, panelsHH, biasRow, T, H, 0],
    );
    const backward = stage.call(
      'lstmBackward',
      ...[gates, previous, dH, dC, dY, h, c, steps, 0, 0, backHH, T, B, H, 0],
    );
    const both = () => {
      forward();
      backward(); // turns the gates into their gradients, so it never runs alone
    };
    const product = 2 * B * width * H;
    yield step(`LSTM step, forward (batch ${B}, H ${H})`, await meter.time(forward), T, product);
    yield step(
      `LSTM step, forward and backward (batch ${B}, H ${H})`,
      await meter.time(both),
      T,
      2 * product,
    );
  }
}

function step(name: string, timing: Timing, T: number, flop: number): Measurement {
  const { ms, slices } = timing;
  const us = (time: number) => round((1000 * time) / T);
  return {
    name,
    value: us(ms.quantile),
    unit: 'µs',
    better: 'lower',
    median: us(ms.median),
    best: us(ms.best),
    productShare: shareOfPeak(timing, flop * T).value,
    slices,
  };
}

function share(
  name: string,
  timing: Timing,
  flop: number,
  more: { readonly goal?: number; readonly measured?: string },
): Measurement {
  return { name, unit: '% of peak', better: 'higher', ...shareOfPeak(timing, flop), ...more };
}

/** Kernels over named blocks of random floats in (−½, ½). */
class Stage<Name extends string> {
  readonly pointers: Readonly<Record<Name, number>>;
  readonly #machine: Machine;
  readonly #blocks: Readonly<Record<Name, Block>>;

  constructor(module: WebAssembly.Module, floats: Readonly<Record<Name, number>>) {
    const plan = new MemoryPlan({ B: 0, N: 0, U: 0 });
    const entries = (Object.entries(floats) as [Name, number][]).map(
      ([name, count]) => [name, plan.reserve('activations', name, count * 4)] as const,
    );
    this.#machine = new Machine(module, plan);
    this.#blocks = Object.fromEntries(entries) as Record<Name, Block>;
    this.pointers = Object.fromEntries(entries.map(([name, { pointer }]) => [name, pointer])) as Record<
      Name,
      number
    >;
    entries.forEach(([, { pointer, bytes }], stream) => {
      this.kernels.fillUniform(pointer, bytes / 4, -0.5, 0.5, 1, stream);
    });
  }

  get kernels() {
    return this.#machine.kernels;
  }

  integers(name: Name): Int32Array {
    return this.#machine.integers(this.#blocks[name]);
  }

  /** A call made ready to run. */
  call(kernel: KernelName, ...args: number[]): () => void {
    return this.#machine.program([{ kernel, args }]);
  }
}
