// Predictions of the core model (vocabulary 10,000, embedding 128, LSTM 256, 100 words a text), with f32 weights
// and with int8: from text to answer, words cut and packed.
import { loadModule } from '#module';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { answerHead } from '../../src/model/answer.ts';
import { modelConfig, networkSpec } from '../../src/model/config.ts';
import { Model } from '../../src/model/model.ts';
import { Network } from '../../src/model/network.ts';
import { planNetwork } from '../../src/model/network-plan.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { oneText } from '../../src/model/runner.ts';
import { Vocabulary } from '../../src/text/vocabulary.ts';
import type { Meter } from '../measure.ts';
import { type Measurement, round } from '../rows.ts';
import { drawTexts, words } from '../texts.ts';

const LENGTH = 100;
const BATCH = 32;

export default async function* predictSuite(meter: Meter): AsyncGenerator<Measurement> {
  const module = await loadModule('plain');
  const full = untrained(module);
  const texts = drawTexts(module, new Array<number>(BATCH).fill(LENGTH));
  for (const [kind, model, goal] of [
    ['f32', full, 1.25],
    ['int8', quantize(full), 1],
  ] as const) {
    let next = 0;
    const { ms, slices } = await meter.time(() => void predict(model, texts[next++ % BATCH]));
    yield {
      name: `predict one text, ${kind}`,
      value: round(ms.quantile),
      unit: 'ms',
      better: 'lower',
      goal,
      median: round(ms.median),
      best: round(ms.best),
      reach: 'the goal was set on an AMD Zen 5, whose peak is 61 GFLOP/s',
      slices,
    };
  }
  for (const [kind, model] of [
    ['f32', full],
    ['int8', quantize(full)],
  ] as const) {
    const { ms, slices } = await meter.time(() => void predictAll(model, texts));
    const speed = (time: number) => Math.round((1000 * BATCH) / time);
    yield {
      name: `predict ${BATCH} texts at once, ${kind}`,
      value: speed(ms.quantile),
      unit: 'texts/s',
      better: 'higher',
      median: speed(ms.median),
      best: speed(ms.best),
      slices,
    };
  }
}

/** The core model with the parameters that a training begins with. */
function untrained(module: WebAssembly.Module): Model {
  const config = modelConfig({
    labels: ['negative', 'positive'],
    maxLength: LENGTH,
    tokenizer: { buckets: 0 },
    layers: [embedding({ size: 128 }), lstm({ size: 256 }), pool({ over: 'last' }), dense({ units: 1 })],
  });
  const vocabulary = new Vocabulary(words, config.tokenizer);
  const plan = planNetwork(
    module,
    networkSpec(config, vocabulary),
    'predict',
    oneText(config),
    answerHead(config),
  );
  const network = new Network(module, plan);
  network.initialise(config.seed);
  const model = new Model(config, { exact: module, fast: module });
  const facts = { epochs: 0, steps: 0, rows: 0, loss: 0, accuracy: 0, optimizer: 'none' };
  model.adopt({ vocabulary, weights: network.weights, facts });
  return model;
}
