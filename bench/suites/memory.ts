// What the core model takes: a whole process that trains it, and what is planned to predict with it.
import { loadModule } from '#module';
import { answerHead } from '../../src/model/answer.ts';
import { networkSpec } from '../../src/model/config.ts';
import { networkOf } from '../../src/model/network.ts';
import { type BatchLimits, type NetworkSpec, planNetwork } from '../../src/model/network-plan.ts';
import { manyTexts, oneText } from '../../src/model/runner.ts';
import { Contestant } from '../contestant.ts';
import { gatelets } from '../entrants.ts';
import { NUM_ROWS, writeCore } from '../files.ts';
import { folderOf } from '../folder.ts';
import type { Meter } from '../measure.ts';
import { BATCH, coreConfig, vocabularyOf } from '../models.ts';
import { type Measurement, round } from '../rows.ts';

const MIB = 2 ** 20;
/** Enough for the process to have been as large as it becomes. */
const STEPS = 10;
/** With so many words the int8 weights of the core model are 1 MB. */
const SMALL_WORDS = 4500;

export default async function* memorySuite([{ effort }]: readonly Meter[]): AsyncGenerator<Measurement> {
  const module = await loadModule('plain');
  const folder = folderOf('core');
  writeCore(module, folder);
  const [gatelet] = gatelets();
  const process = await Contestant.open(gatelet, folder, 'train');
  await process.time({
    from: 0,
    count: BATCH,
    calls: Math.min(STEPS, effort.minSlices),
    ms: 0,
    rows: NUM_ROWS,
  });
  const { peakMiB } = process;
  await process.close();
  const task = { unit: 'MiB', better: 'lower' } as const;
  if (peakMiB !== undefined) {
    yield { name: 'process that trains', value: round(peakMiB), ...task, goal: 120 };
  }
  const full = networkSpec(coreConfig, vocabularyOf());
  for (const [name, limits] of [
    ['planned to predict one text', oneText(coreConfig)],
    ['planned to predict many texts', manyTexts(coreConfig)],
  ] as const) {
    const { whole, weights } = planned(module, full, limits);
    const beyond = { weightsMiB: round(weights), beyondMiB: round(whole - weights) };
    yield { name, value: round(whole), ...task, ...beyond };
  }
  const small = networkSpec({ ...coreConfig, weights: 'i8' }, vocabularyOf(SMALL_WORDS));
  const { whole, weights } = planned(module, small, oneText(coreConfig));
  yield {
    name: 'planned to predict one text, int8 weights of 1 MB, beyond the weights',
    value: round(whole - weights),
    ...task,
    goal: 4,
    weightsMiB: round(weights),
    words: SMALL_WORDS,
  };
}

/** What a network to predict with takes in memory, and its weights alone, in MiB. */
function planned(module: WebAssembly.Module, spec: NetworkSpec, limits: BatchLimits) {
  const plan = planNetwork(module, spec, 'predict', limits, answerHead(coreConfig));
  const network = networkOf(module, plan);
  const weights = network.weights.byteLength + network.quantised.byteLength;
  return { whole: network.machine.bytes / MIB, weights: weights / MIB };
}
