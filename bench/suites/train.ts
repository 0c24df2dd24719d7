// Whole training steps: packing, forward, backward, Adam.
import { loadModule } from '#module';
import { loadSharedModule } from '#threads';
import { encodeRows } from '../../src/data/dataset.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { modelConfig } from '../../src/model/config.ts';
import { targetsOf } from '../../src/model/targets.ts';
import { Encoder } from '../../src/text/encoder.ts';
import { Vocabulary } from '../../src/text/vocabulary.ts';
import { type Sharing, Trainer } from '../../src/train/trainer.ts';
import { BATCH, coreConfig, coreTraining, E, H, LABELS, LENGTH } from '../core.ts';
import { onAllCores } from '../cores.ts';
import { type Meter, shareOfPeak, type Timing } from '../measure.ts';
import { type Measurement, round } from '../rows.ts';
import { drawLengths, drawTexts, VOCABULARY, words } from '../texts.ts';

const NUM_BATCHES = 16;

/** The goal, on one core of the machine it was set on (AMD Zen 5): time, products, peak of plain SIMD. */
const GOAL = { ms: 160, gflop: 6.04, peakGflops: 61 };
const GOAL_SHARE = Math.round((100 * GOAL.gflop) / ((GOAL.ms / 1000) * GOAL.peakGflops));

/** The goal for two threads, on two cores of the same machine. */
const GOAL_TOGETHER = 62;

export default async function* trainSuite(meter: Meter): AsyncGenerator<Measurement> {
  const module = await loadModule('plain');
  const small = [
    embedding({ size: 64 }),
    lstm({ size: 64, bidirectional: true }),
    pool({ over: 'last' }),
    dense({ units: 1 }),
  ];
  const equal = new Array<number>(BATCH * NUM_BATCHES).fill(LENGTH);
  // The same lengths in every batch, so that every slice is as much work.
  const batch = drawLengths(module, BATCH, LENGTH);
  const mixed = equal.map((_, row) => batch[row % BATCH]);

  const alone = await timeSteps(meter, module, coreConfig.layers, equal);
  yield* wholeStep(alone);
  yield speedRow(
    'train step, texts of 10 to 100 words',
    await timeSteps(meter, module, coreConfig.layers, mixed),
  );
  const ofSmall = await timeSteps(meter, module, small, mixed);
  yield speedRow('train step, small model (embedding 64, LSTM 2×64)', ofSmall);
  const sharing = { threads: 2, module: await loadSharedModule('plain') };
  const together = await onAllCores(() => timeSteps(meter, module, coreConfig.layers, equal, sharing));
  yield togetherRow(together, alone);
}

/** Steps over some batches, and how much they bring on average. */
interface Steps {
  readonly timing: Timing;
  readonly tokens: number;
  readonly distinct: number;
}

async function timeSteps(
  meter: Meter,
  module: WebAssembly.Module,
  layers: readonly Layer[],
  lengths: readonly number[],
  sharing?: Sharing,
): Promise<Steps> {
  const config = modelConfig({ labels: LABELS, maxLength: LENGTH, tokenizer: { buckets: 0 }, layers });
  const texts = drawTexts(module, lengths);
  const rows = texts.map((text, i) => ({ text, label: LABELS[i % 2] }));
  const vocabulary = new Vocabulary(words, config.tokenizer);
  const corpus = encodeRows(new Encoder(vocabulary, LENGTH), texts);
  const limits = { maxSequences: BATCH, maxRows: BATCH * LENGTH };
  const trainer = new Trainer(module, config, vocabulary, limits, coreTraining(config), sharing);
  trainer.network.initialise(config.seed);
  const targets = targetsOf(config, rows);
  const batch = { corpus, targets, rows: Int32Array.from(rows.keys()), from: 0, count: BATCH };
  let step = 0;
  const timing = await meter.time(() => {
    batch.from = (step % NUM_BATCHES) * BATCH;
    if (sharing) return trainer.stepTogether(batch, ++step, 1e-3).then(() => {});
    trainer.step(batch, ++step, 1e-3);
  });
  trainer.stop();
  let distinct = 0;
  for (let from = 0; from < rows.length; from += BATCH) {
    const { tokens, starts } = corpus;
    distinct += new Set(tokens.subarray(starts[from], starts[from + BATCH])).size;
  }
  return { timing, tokens: corpus.tokens.length / NUM_BATCHES, distinct: distinct / NUM_BATCHES };
}

/** The goal's step: its time, and what share of the machine it uses. */
function* wholeStep({ timing, tokens, distinct }: Steps): Generator<Measurement> {
  const { ms, peak, slices } = timing;
  const flop = flopOf(tokens, distinct);
  const atPeak = (flop * 1e-6) / peak.quantile;
  yield {
    name: 'train step',
    value: round(ms.quantile),
    unit: 'ms',
    better: 'lower',
    goal: GOAL.ms,
    median: round(ms.median),
    best: round(ms.best),
    gflop: round(flop * 1e-9),
    atPeakMs: round(atPeak),
    tokensPerSecond: Math.round((1000 * tokens) / ms.quantile),
    distinct: Math.round(distinct),
    slices,
    model: `vocabulary ${VOCABULARY}, ${LENGTH} words, batch ${BATCH}, embedding ${E}, LSTM ${H}, last state, dense 1, Adam`,
    reach:
      `${GOAL.ms} ms is ${GOAL_SHARE} % of the ${GOAL.peakGflops} GFLOP/s of the machine the goal was set on; ` +
      `at this machine's peak the products alone take ${Math.round(atPeak)} ms, at ${GOAL_SHARE} % of it ` +
      `${Math.round((100 * atPeak) / GOAL_SHARE)} ms`,
  };
  yield {
    name: 'train step, share of peak',
    unit: '% of peak',
    better: 'higher',
    goal: GOAL_SHARE,
    ...shareOfPeak(timing, flop),
    counted:
      'the products of the LSTM, each distinct word of a batch projected once; time is that of the whole step',
  };
}

/** The goal's step by two threads, each on a core of its own. */
function togetherRow({ timing, tokens, distinct }: Steps, alone: Steps): Measurement {
  const { ms, peak, slices } = timing;
  const atPeak = (flopOf(tokens, distinct) * 1e-6) / peak.quantile / 2;
  return {
    name: 'train step, two threads',
    value: round(ms.quantile),
    unit: 'ms',
    better: 'lower',
    goal: GOAL_TOGETHER,
    median: round(ms.median),
    best: round(ms.best),
    speedup: round(alone.timing.ms.quantile / ms.quantile),
    medianSpeedup: round(alone.timing.ms.median / ms.median),
    atPeakMs: round(atPeak),
    slices,
    reach:
      `${GOAL_TOGETHER} ms was set on a machine whose cores reach ${GOAL.peakGflops} GFLOP/s; at the peak of two cores ` +
      `of this one the products alone take ${Math.round(atPeak)} ms`,
  };
}

/** Forward, gradient of the input, gradient of the weights: three products of each matrix. */
function flopOf(tokens: number, distinct: number): number {
  return 3 * (2 * distinct * 4 * H * E + 2 * tokens * 4 * H * H);
}

function speedRow(name: string, { timing: { ms, slices }, tokens, distinct }: Steps): Measurement {
  return {
    name,
    value: round(ms.quantile),
    unit: 'ms',
    better: 'lower',
    median: round(ms.median),
    best: round(ms.best),
    tokens: Math.round(tokens),
    tokensPerSecond: Math.round((1000 * tokens) / ms.quantile),
    distinct: Math.round(distinct),
    slices,
  };
}
