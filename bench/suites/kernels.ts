// Single kernels, each product as large as in the LSTM of the training step: embedding 128, hidden size 256,
// 32 texts of 100 words.
import { loadModule } from '#module';
import type { KernelName } from '../../src/runtime/kernels.ts';
import { type Machine, machineOf } from '../../src/runtime/machine.ts';
import { MemoryPlan } from '../../src/runtime/plan.ts';
import { type Meter, probeOver, shareOfPeak, type Timing } from '../measure.ts';
import { microseconds, predictionSteps, trainingSteps } from '../recurrence.ts';
import { type Measurement, round } from '../rows.ts';

/**
 * Goals on the machine where they were set, an AMD Zen 5 with a peak of 61 GFLOP/s: shares of the peak hold anywhere, times
 * only there.
 */
const GOALS = {
  plain: { product: 82, transposed: 72, row: 12.5, quantisedRow: 7.6, step: 13, quantisedStep: 11 },
  relaxed: { product: 90, transposed: 80, row: 12.5, quantisedRow: 2.5, step: 11.9, quantisedStep: 3.5 },
};
/** exp, sigmoid and tanh, elements/ns. */
const GOAL_FUNCTIONS = 1.3;

export default async function* kernelSuite(meters: readonly Meter[]): AsyncGenerator<Measurement> {
  for (const meter of meters) {
    const module = await loadModule(meter.build);
    yield* products(meter, module);
    yield* rowProducts(meter, module);
    yield* functions(meter);
    yield* predictionSteps(meter, module, GOALS[meter.build]);
    yield* trainingSteps(meter, module);
  }
}

async function* products(meter: Meter, module: WebAssembly.Module): AsyncGenerator<Measurement> {
  const goals = GOALS[meter.build];
  const list = [
    { name: 'recurrent step (32,1024,256)', m: 32, n: 1024, k: 256 },
    { name: 'input projection (3200,1024,128)', m: 3200, n: 1024, k: 128 },
    { name: 'input gradient (3200,256,1024)', m: 3200, n: 256, k: 1024 },
  ];
  for (const { name, m, n, k } of list) {
    const timing = await meter.time(matmul(module, m, n, k));
    yield share(meter.name(name), timing, 2 * m * n * k, { goal: goals.product });
  }
  for (const [of, n, k] of [
    ['recurrent step', 1024, 256],
    ['its gradient', 256, 1024],
  ] as const) {
    const name = `${of} (32,${n},${k}), seven products`;
    const timing = await meter.time(strassen(module, 32, n, k));
    yield share(meter.name(name), timing, 2 * 32 * n * k, {
      measured: 'counted as the eight products whose place they take',
    });
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
    yield share(meter.name(name), timing, 2 * rows * width * C, {
      goal: goals.transposed,
      measured: `packing included, as (${width},${C},${rows}): dW [4H,C] = dGatesᵀ·x is what the LSTM computes`,
    });
  }
}

function matmul(module: WebAssembly.Module, m: number, n: number, k: number): () => void {
  const stage = new Stage(module, { c: m * n, a: m * k, panels: n * k });
  const { c, a, panels } = stage.pointers;
  return stage.call('matmul', c, a, panels, m, n, k, k, n, 0);
}

function strassen(module: WebAssembly.Module, m: number, n: number, k: number): () => void {
  const scratch = new Stage(module, {}).kernels.strassenScratch(n, k);
  const stage = new Stage(module, { c: m * n, a: m * k, panels: n * k, scratch });
  const { c, a, panels, scratch: own } = stage.pointers;
  const sums = stage.kernels.strassenSums(own, panels, m, n, k);
  return stage.call('matmulStrassen', c, a, panels, sums, m, n, k, k, n);
}

/** One row, with f32 weights and with int8, its quantisation included. */
async function* rowProducts(meter: Meter, module: WebAssembly.Module): AsyncGenerator<Measurement> {
  const [n, k] = [1024, 256];
  const { row, quantisedRow } = GOALS[meter.build];
  const full = await meter.time(matmul(module, 1, n, k));
  const { value: ofPeak } = shareOfPeak(full, 2 * n * k);
  yield { ...microseconds(meter.name('matrix-vector (1,1024,256)'), full), goal: row, ofPeak };

  const { matmulQuantisedScratch, quantisedPanelBytes } = new Stage(module, {}).kernels;
  const scratch = matmulQuantisedScratch(k);
  const panelFloats = ((n / 8) * quantisedPanelBytes(k)) / 4;
  const sizes = { weight: n * k, q: (n * k) / 4, scales: n, panels: panelFloats, c: n, a: k, scratch };
  const stage = new Stage(module, sizes);
  const { weight, q, scales, panels, c, a, scratch: own } = stage.pointers;
  stage.call('quantiseWeights', q, scales, weight, n, k)();
  stage.call('packQuantised', panels, q, scales, n, k)();
  const small = await meter.time(stage.call('matmulQuantised', c, a, panels, own, 1, n, k, n, 0));
  const name = meter.name('matrix-vector, int8 weights (1,1024,256)');
  yield { ...microseconds(name, small), goal: quantisedRow };
}

/** Elementary functions over 16 KB, which stay in the L1 cache. */
async function* functions(meter: Meter): AsyncGenerator<Measurement> {
  const count = 4096;
  const memory = new WebAssembly.Memory({ initial: 2 });
  const probe = probeOver(memory, meter.build);
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
      name: meter.name(name),
      value: speed(ms.quantile),
      unit: 'elements/ns',
      better: 'higher',
      ...(name !== 'log' && { goal: GOAL_FUNCTIONS }),
      median: speed(ms.median),
      best: speed(ms.best),
      slices,
    };
  }
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

  constructor(module: WebAssembly.Module, floats: Readonly<Record<Name, number>>) {
    const plan = new MemoryPlan({ B: 0, N: 0, U: 0 });
    const entries = (Object.entries(floats) as [Name, number][]).map(
      ([name, count]) => [name, plan.reserve('activations', name, count * 4)] as const,
    );
    this.#machine = machineOf(module, plan);
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

  /** A call made ready to run. */
  call(kernel: KernelName, ...args: number[]): () => void {
    return this.#machine.program([{ kernel, args }]);
  }
}
