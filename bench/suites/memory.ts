// What the core model takes: a whole process that trains it, and what is planned to predict with it.
import { loadModule } from '#module';
import { answerHead } from '../../src/model/answer.ts';
import { networkSpec } from '../../src/model/config.ts';
import { Network } from '../../src/model/network.ts';
import { type BatchLimits, planNetwork } from '../../src/model/network-plan.ts';
import { manyTexts, oneText } from '../../src/model/runner.ts';
import { Contestant } from '../contestant.ts';
import { BATCH, coreConfig, coreVocabulary, NUM_ROWS, writeCore } from '../core.ts';
import { folderOf } from '../folder.ts';
import type { Meter } from '../measure.ts';
import { type Measurement, round } from '../rows.ts';

const MIB = 2 ** 20;
/** Enough for the process to have been as large as it becomes. */
const STEPS = 10;

export default async function* memorySuite({ effort }: Meter): AsyncGenerator<Measurement> {
  const module = await loadModule('plain');
  const folder = folderOf('core');
  writeCore(module, folder);
  const process = await Contestant.open('gatelet', folder, 'train');
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
  yield { name: 'planned to predict one text', ...task, ...planned(module, oneText(coreConfig)) };
  yield { name: 'planned to predict many texts', ...task, ...planned(module, manyTexts(coreConfig)) };
}

function planned(module: WebAssembly.Module, limits: BatchLimits) {
  const spec = networkSpec(coreConfig, coreVocabulary);
  const plan = planNetwork(module, spec, 'predict', limits, answerHead(coreConfig));
  const network = new Network(module, plan);
  const { bytes } = network.machine;
  const weights = network.weights.byteLength;
  return {
    value: round(bytes / MIB),
    weightsMiB: round(weights / MIB),
    beyondMiB: round((bytes - weights) / MIB),
  };
}
