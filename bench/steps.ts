// What suites step and scaling have in common: steps timed, and the work in them counted.
import { loadModule } from '#module';
import type { Layer } from '../src/layers/layer.ts';
import type { Meter, Timing } from './measure.ts';
import { configOf, vocabularyOf } from './models.ts';
import { Stepper, sharingOf } from './stepper.ts';
import { drawTexts, VOCABULARY } from './texts.ts';

/** What to train, and on what. */
export interface Trained {
  readonly layers: readonly Layer[];
  /** Words of each text; a whole number of batches. */
  readonly lengths: readonly number[];
  readonly batch: number;
  readonly threads?: number;
  readonly vocabulary?: number;
}

/** Steps over some batches, and how much they bring on average. */
export interface Steps {
  readonly timing: Timing;
  readonly tokens: number;
  readonly distinct: number;
}

/** Times steps, batch after batch, round and round. */
export async function timeSteps(
  meter: Meter,
  { layers, lengths, batch, threads = 1, vocabulary = VOCABULARY }: Trained,
): Promise<Steps> {
  const module = await loadModule(meter.build);
  const config = configOf(layers, Math.max(...lengths));
  const texts = drawTexts(module, lengths, vocabulary);
  const sharing = await sharingOf(meter.build, threads);
  const stepper = new Stepper(module, config, vocabularyOf(vocabulary), texts, sharing, batch);
  let from = 0;
  const timing = await meter.time(() => {
    const step = stepper.step(from, batch);
    from = (from + batch) % lengths.length;
    if (typeof step !== 'number') return step.then(() => {});
  });
  stepper.stop();
  const { tokens, starts } = stepper.corpus;
  const numBatches = lengths.length / batch;
  let distinct = 0;
  for (let row = 0; row < lengths.length; row += batch) {
    distinct += new Set(tokens.subarray(starts[row], starts[row + batch])).size;
  }
  return { timing, tokens: tokens.length / numBatches, distinct: distinct / numBatches };
}

/**
 * Flop of the products of an LSTM in a step: forward, gradient of the input, gradient of the weights, each distinct
 * token projected once.
 */
export function flopOfLstm(tokens: number, distinct: number, D: number, H: number): number {
  return 3 * (2 * distinct * 4 * H * D + 2 * tokens * 4 * H * H);
}
