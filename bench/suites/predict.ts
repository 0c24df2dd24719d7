// Predictions of the core model with f32 weights and with int8: from text to answer, words cut and packed.
import { loadModule } from '#module';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import type { Meter } from '../measure.ts';
import { BATCH, coreConfig, drawModel, LENGTH, vocabularyOf } from '../models.ts';
import { type Measurement, round } from '../rows.ts';
import { drawTexts } from '../texts.ts';

/** One text in ms, and a batch in texts a second. */
const GOALS = {
  f32: { plain: 1.25, relaxed: 1.25, batch: 900 },
  int8: { plain: 1, relaxed: 0.5, batch: 2000 },
};

export default async function* predictSuite(meters: readonly Meter[]): AsyncGenerator<Measurement> {
  for (const meter of meters) yield* predictions(meter);
}

async function* predictions(meter: Meter): AsyncGenerator<Measurement> {
  const module = await loadModule(meter.build);
  const full = drawModel(module, coreConfig, vocabularyOf());
  const models = { f32: full, int8: quantize(full) };
  const texts = drawTexts(module, new Array<number>(BATCH).fill(LENGTH));
  for (const kind of ['f32', 'int8'] as const) {
    let next = 0;
    const { ms, slices } = await meter.time(() => void predict(models[kind], texts[next++ % BATCH]));
    yield {
      name: meter.name(`predict one text, ${kind}`),
      value: round(ms.quantile),
      unit: 'ms',
      better: 'lower',
      goal: GOALS[kind][meter.build],
      median: round(ms.median),
      best: round(ms.best),
      reach: 'the goal was set on an AMD Zen 5, whose peak is 61 GFLOP/s',
      slices,
    };
  }
  for (const kind of ['f32', 'int8'] as const) {
    const { ms, slices } = await meter.time(() => void predictAll(models[kind], texts));
    const speed = (time: number) => Math.round((1000 * BATCH) / time);
    yield {
      name: meter.name(`predict ${BATCH} texts at once, ${kind}`),
      value: speed(ms.quantile),
      unit: 'texts/s',
      better: 'higher',
      goal: GOALS[kind].batch,
      median: speed(ms.median),
      best: speed(ms.best),
      slices,
    };
  }
}
