// Whole training steps: packing, forward, backward, Adam.
import { loadModule } from '#module';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { onAllCores } from '../cores.ts';
import { type Meter, shareOfPeak } from '../measure.ts';
import { BATCH, coreLayers, E, fullLayers, H, HEADS, LENGTH } from '../models.ts';
import { type Measurement, round } from '../rows.ts';
import { flopOfLstm, type Steps, timeSteps } from '../steps.ts';
import { drawLengths, VOCABULARY } from '../texts.ts';

const NUM_BATCHES = 16;

/** The goals on one core and on two, and the machine they were set on (AMD Zen 5): products, peak of plain SIMD. */
const GOAL = { ms: 115, moonshot: 105, gflop: 6.04, peakGflops: 61 };
const GOAL_SHARE = Math.round((100 * GOAL.gflop) / ((GOAL.ms / 1000) * GOAL.peakGflops));
const GOAL_FULL = { goal: 190, moonshot: 160 };
const GOAL_TOGETHER = { ms: 62, moonshot: 58, speedup: 1.8 };

export default async function* stepSuite(meters: readonly Meter[]): AsyncGenerator<Measurement> {
  for (const meter of meters) yield* stepsOf(meter);
}

async function* stepsOf(meter: Meter): AsyncGenerator<Measurement> {
  const module = await loadModule(meter.build);
  const equal = new Array<number>(BATCH * NUM_BATCHES).fill(LENGTH);
  // The same lengths in every batch, so that every slice is as much work.
  const batch = drawLengths(module, BATCH, LENGTH);
  const mixed = equal.map((_, row) => batch[row % BATCH]);
  const steps = (layers: readonly Layer[], lengths: readonly number[], threads = 1) =>
    timeSteps(meter, { layers, lengths, batch: BATCH, threads });

  const alone = await steps(coreLayers(), equal);
  yield* wholeStep(meter, alone);
  yield speedRow(meter.name('train step, texts of 10 to 100 words'), await steps(coreLayers(), mixed));
  yield {
    ...speedRow(meter.name('train step, full model'), await steps(fullLayers, equal)),
    ...GOAL_FULL,
    model: `the same, but behind the LSTM attention of ${HEADS} heads, mean, dropout 0.5, batch norm`,
  };
  const small = [
    embedding({ size: 64 }),
    lstm({ size: 64, bidirectional: true }),
    pool({ over: 'last' }),
    dense({ units: 1 }),
  ];
  const name = meter.name('train step, small model (embedding 64, LSTM 2×64)');
  yield speedRow(name, await steps(small, mixed));
  yield* together(meter, await onAllCores(() => steps(coreLayers(), equal, 2)), alone);
}

/** The goal's step: its time, and what share of the machine it uses. */
function* wholeStep(meter: Meter, { timing, tokens, distinct }: Steps): Generator<Measurement> {
  const flop = flopOfLstm(tokens, distinct, E, H);
  const atPeak = (flop * 1e-6) / timing.peak.quantile;
  yield {
    ...speedRow(meter.name('train step'), { timing, tokens, distinct }),
    goal: GOAL.ms,
    moonshot: GOAL.moonshot,
    gflop: round(flop * 1e-9),
    atPeakMs: round(atPeak),
    model: `vocabulary ${VOCABULARY}, ${LENGTH} words, batch ${BATCH}, embedding ${E}, LSTM ${H}, last state, dense 1, Adam`,
    reach:
      `${GOAL.ms} ms is ${GOAL_SHARE} % of the ${GOAL.peakGflops} GFLOP/s of the machine the goal was set on; ` +
      `at this machine's peak the products alone take ${Math.round(atPeak)} ms`,
  };
  yield {
    name: meter.name('train step, share of peak'),
    unit: '% of peak',
    better: 'higher',
    goal: GOAL_SHARE,
    ...shareOfPeak(timing, flop),
    counted:
      'the products of the LSTM, each distinct word of a batch projected once; time is that of the whole step',
  };
}

/** The goal's step by two threads, each on a core of its own. */
function* together(meter: Meter, { timing, tokens, distinct }: Steps, alone: Steps): Generator<Measurement> {
  const { ms, peak, slices } = timing;
  const atPeak = (flopOfLstm(tokens, distinct, E, H) * 1e-6) / peak.quantile / 2;
  yield {
    name: meter.name('train step, two threads'),
    value: round(ms.quantile),
    unit: 'ms',
    better: 'lower',
    goal: GOAL_TOGETHER.ms,
    moonshot: GOAL_TOGETHER.moonshot,
    median: round(ms.median),
    best: round(ms.best),
    atPeakMs: round(atPeak),
    slices,
    reach:
      `set on a machine whose cores reach ${GOAL.peakGflops} GFLOP/s; at the peak of two cores ` +
      `of this one the products alone take ${Math.round(atPeak)} ms`,
  };
  yield {
    name: meter.name('train step, two threads beside one'),
    value: round(alone.timing.ms.quantile / ms.quantile),
    unit: 'times',
    better: 'higher',
    goal: GOAL_TOGETHER.speedup,
    median: round(alone.timing.ms.median / ms.median),
  };
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
