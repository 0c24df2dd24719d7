// What each normalisation costs: a step and an answer of the core model with it, as times those of the model without.
import { loadModule } from '#module';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { layerNorm } from '../../src/layers/layer-norm.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { foldBatchNorm } from '../../src/model/fold-batch-norm.ts';
import type { Model } from '../../src/model/model.ts';
import { predict } from '../../src/model/predict.ts';
import type { Meter } from '../measure.ts';
import { BATCH, configOf, coreLayers, E, H, LENGTH, modelOf, vocabularyOf } from '../models.ts';
import { quantile } from '../quantiles.ts';
import { type Measurement, round } from '../rows.ts';
import { Stepper } from '../stepper.ts';
import { drawTexts } from '../texts.ts';

/** The core model with layers behind its LSTM, behind its pool, or with other options of the LSTM. */
const core = ({ states = [], vector = [], norm }: Changed): Layer[] => [
  embedding({ size: E }),
  lstm({ size: H, ...(norm && { norm }) }),
  ...states,
  pool({ over: 'last' }),
  ...vector,
  dense({ units: 1 }),
];

interface Changed {
  readonly states?: readonly Layer[];
  readonly vector?: readonly Layer[];
  readonly norm?: 'layer' | 'input' | 'batch';
}

const MODELS: Readonly<Record<string, readonly Layer[]>> = {
  'batchNorm() behind the pool': core({ vector: [batchNorm()] }),
  'batchNorm() and batchNormInverse() behind the pool': core({ vector: [batchNorm(), batchNormInverse()] }),
  'batchNorm() behind the LSTM': core({ states: [batchNorm()] }),
  'batchNorm() and batchNormInverse() behind the LSTM': core({ states: [batchNorm(), batchNormInverse()] }),
  'layerNorm() behind the LSTM': core({ states: [layerNorm()] }),
  "lstm({ norm: 'input' })": core({ norm: 'input' }),
  "lstm({ norm: 'layer' })": core({ norm: 'layer' }),
  "lstm({ norm: 'batch' })": core({ norm: 'batch' }),
};
const FOLDED = 'batchNorm() behind the pool';

const STEPS = { warm: 2, most: 12 };
const ANSWERS = { warm: 20, most: 200 };

/** Something that is done again and again. */
type Run = () => void;

export default async function* normsSuite(meters: readonly Meter[]): AsyncGenerator<Measurement> {
  for (const meter of meters) {
    const module = await loadModule(meter.build);
    const vocabulary = vocabularyOf();
    const texts = drawTexts(module, new Array<number>(BATCH).fill(LENGTH));
    const begin = (layers: readonly Layer[]) => {
      const config = configOf(layers);
      const stepper = new Stepper(module, config, vocabulary, texts);
      const trained = () => modelOf(module, config, vocabulary, stepper.network.weights.slice());
      return { step: () => void stepper.step(0, BATCH), trained };
    };
    const base = begin(coreLayers());
    const others = Object.entries(MODELS).map(([name, layers]) => ({ name, ...begin(layers) }));
    const steps = others.map(({ name, step }) => ({ name, run: step }));
    yield* beside(meter, 'train step', base.step, steps, STEPS);
    const models = others.map(({ name, trained }) => ({ name, model: trained() }));
    const folded = foldBatchNorm(models.find(({ name }) => name === FOLDED)!.model);
    const answers = [...models, { name: `${FOLDED}, folded`, model: folded }].map(({ name, model }) => {
      return { name, run: answering(model, texts) };
    });
    yield* beside(meter, 'predict one text', answering(base.trained(), texts), answers, ANSWERS);
  }
}

function answering(model: Model, texts: readonly string[]): Run {
  let next = 0;
  return () => void predict(model, texts[next++ % BATCH]);
}

/** All take turns; each is told as times what the base takes, tenth percentile by tenth percentile. */
function* beside(
  meter: Meter,
  what: string,
  base: Run,
  others: readonly { readonly name: string; readonly run: Run }[],
  { warm, most }: { readonly warm: number; readonly most: number },
): Generator<Measurement> {
  const runs = [base, ...others.map(({ run }) => run)];
  const times: number[][] = runs.map(() => []);
  const rounds = Math.min(most, Math.max(1, meter.effort.rounds * (most / STEPS.most)));
  for (let i = 0; i < warm && meter.effort.warmMs > 0; i++) for (const run of runs) run();
  for (let i = 0; i < rounds; i++) {
    for (const [r, run] of runs.entries()) {
      const start = performance.now();
      run();
      times[r].push(performance.now() - start);
    }
  }
  const [alone, ...own] = times.map((list) => quantile(list, 0.1));
  for (const [i, { name }] of others.entries()) {
    yield {
      name: meter.name(`${what}, ${name}`),
      value: round(own[i] / alone),
      unit: 'times',
      better: 'lower',
      ms: round(own[i]),
      baseMs: round(alone),
      rounds: times[0].length,
    };
  }
}
