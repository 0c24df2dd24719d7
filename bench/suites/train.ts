// A whole training, as a program calls it: learns the vocabulary, cuts and packs texts, steps, and hands the model over.
import { loadModule } from '#module';
import { Model } from '../../src/model/model.ts';
import { train } from '../../src/train/train.ts';
import type { Meter } from '../measure.ts';
import { BATCH, coreConfig, LABELS, LENGTH } from '../models.ts';
import { median, quantile } from '../quantiles.ts';
import { type Measurement, round } from '../rows.ts';
import { drawTexts } from '../texts.ts';

/** Trainings take seconds each. */
const MAX_RUNS = 5;
const MAX_BATCHES = 16;

export default async function* trainSuite(meters: readonly Meter[]): AsyncGenerator<Measurement> {
  for (const meter of meters) {
    const { rounds } = meter.effort;
    const module = await loadModule(meter.build);
    const texts = drawTexts(module, new Array(BATCH * Math.min(MAX_BATCHES, rounds + 1)).fill(LENGTH));
    const rows = texts.map((text, row) => ({ text, label: LABELS[row % 2] }));
    const whole: number[] = [];
    const epochs: number[] = [];
    for (let run = 0; run < Math.min(MAX_RUNS, rounds); run++) {
      const start = performance.now();
      const model = new Model(coreConfig, { exact: module, fast: module });
      for await (const { seconds } of train(model, rows, { epochs: 1, batchSize: BATCH })) {
        epochs.push(seconds * 1000);
      }
      whole.push(performance.now() - start);
    }
    const speed = (ms: number) => round((1000 * texts.length) / ms);
    yield {
      name: meter.name(`train an epoch on texts of ${LENGTH} words`),
      value: speed(median(whole)),
      unit: 'texts/s',
      better: 'higher',
      quiet: speed(quantile(whole, 0.1)),
      best: speed(Math.min(...whole)),
      epochMs: round(median(epochs)),
      wholeMs: round(median(whole)),
      texts: texts.length,
      runs: whole.length,
    };
  }
}
