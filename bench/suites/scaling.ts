// What a step and an answer cost as one size grows and the others stay those of the core model.
import { loadModule } from '#module';
import { predict, predictAll } from '../../src/model/predict.ts';
import { type Effort, Meter, shareOfPeak, type Timing } from '../measure.ts';
import { BATCH, configOf, coreLayers, drawModel, E, H, LENGTH, vocabularyOf } from '../models.ts';
import { type Measurement, round } from '../rows.ts';
import { flopOfLstm, timeSteps } from '../steps.ts';
import { drawTexts, VOCABULARY } from '../texts.ts';

const CORE = { H, T: LENGTH, B: BATCH, V: VOCABULARY };
type Sizes = typeof CORE;

const POINTS: Readonly<Record<keyof Sizes, readonly number[]>> = {
  H: [64, 96, 128, 192, 256, 384, 512],
  T: [16, 32, 64, 128, 256, 512, 1024],
  B: [1, 2, 4, 8, 16, 32, 64, 128],
  V: [1000, 3000, 10_000, 30_000, 100_000],
};

/** Many points, some of seconds: less for each than elsewhere. */
const less = (effort: Effort): Effort => ({
  ...effort,
  totalMs: Math.min(effort.totalMs, 1500),
  minSlices: Math.min(effort.minSlices, 7),
});
/** Of a quick run, which shows that all runs. */
const SHORTEST: Sizes = { H: 64, T: 16, B: 1, V: 1000 };

export default async function* scalingSuite([{ build, effort }]: readonly Meter[]) {
  const meter = new Meter(less(effort), build);
  const module = await loadModule(build);
  for (const axis of Object.keys(POINTS) as (keyof Sizes)[]) {
    const points = effort.totalMs > 0 ? POINTS[axis] : [SHORTEST[axis]];
    for (const at of points) yield* point(meter, module, axis, at);
  }
}

async function* point(
  meter: Meter,
  module: WebAssembly.Module,
  axis: keyof Sizes,
  at: number,
): AsyncGenerator<Measurement> {
  const sizes: Sizes = { ...CORE, [axis]: at };
  const { T, B, V } = sizes;
  const layers = coreLayers(sizes.H);
  const lengths = new Array<number>(4 * B).fill(T);
  const steps = await timeSteps(meter, { layers, lengths, batch: B, vocabulary: V });
  const flop = flopOfLstm(steps.tokens, steps.distinct, E, sizes.H);
  yield row(`training step, ${axis} ${at}`, axis, at, steps.timing, flop);

  const texts = drawTexts(module, lengths, V).slice(0, B);
  const model = drawModel(module, configOf(layers, T), vocabularyOf(V));
  const timing = await meter.time(() => void (B === 1 ? predict(model, texts[0]) : predictAll(model, texts)));
  yield row(`prediction, ${axis} ${at}`, axis, at, timing, flop / 3);
}

function row(name: string, axis: string, at: number, timing: Timing, flop: number): Measurement {
  const { ms, slices } = timing;
  const { value: ofPeak } = shareOfPeak(timing, flop);
  return {
    name,
    value: round(ms.quantile),
    unit: 'ms',
    better: 'lower',
    median: round(ms.median),
    ofPeak,
    axis,
    at,
    slices,
  };
}
