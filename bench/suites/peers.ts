// gatelet beside other libraries, on one core: the same weights, the same rows, a process each, taking turns.
import { loadModule } from '#module';
import { Contestant } from '../contestant.ts';
import { BATCH, writeCore } from '../core.ts';
import { folderOf } from '../folder.ts';
import type { Meter } from '../measure.ts';
import { quantile } from '../quantiles.ts';
import { agree, openAll, standing, type Turn, takeTurns } from '../race.ts';
import { type Measurement, round } from '../rows.ts';

const PREDICTING = ['gatelet', 'onnxruntime-node', 'onnxruntime-web', 'tfjs', 'PyTorch'];
const TRAINING = ['gatelet', 'PyTorch'];
/** One round of steps lasts as long as some steps do. */
const TRAINING_TURN_MS = 1000;

export default async function* peersSuite({ effort: { rounds } }: Meter): AsyncGenerator<Measurement> {
  const folder = folderOf('core');
  writeCore(await loadModule('plain'), folder);
  const present = yield* start(folder, rounds);
  yield* predicting(present, folder, rounds);
  yield* training(present, folder, rounds);
}

/** What gatelet promises; the others promised nothing. */
const promise = (name: string, goal: number) => (name === 'gatelet' ? { goal } : {});

/**
 * Cold processes, from code and model bytes in memory to the first answer.
 * @returns who is there: whoever cannot be started is not measured, and a row says why
 */
async function* start(folder: string, rounds: number): AsyncGenerator<Measurement, string[]> {
  const race = new Map<string, Turn[]>();
  const details = new Map<string, { readonly version: string }>();
  const reasons: string[] = [];
  for (const name of PREDICTING) {
    try {
      const contestant = await Contestant.open(name, folder, 'predict');
      await contestant.close();
      details.set(name, { version: contestant.opened.version });
      race.set(name, []);
    } catch (error) {
      reasons.push((error as Error).message);
      process.stderr.write(`peers: not measured: ${reasons.at(-1)}\n`);
    }
  }
  for (let i = 0; i < rounds; i++) {
    for (const [name, list] of race) {
      const contestant = await Contestant.open(name, folder, 'predict');
      await contestant.close();
      const { firstMs, cpuMs } = contestant.opened;
      list.push({ times: [firstMs], cpuMs });
    }
  }
  const absent = reasons.length > 0 ? { absent: reasons.join('; ') } : {};
  for (const name of race.keys()) {
    const own = { ...standing(race, name), ...promise(name, 5), ...details.get(name) };
    yield { name: `first answer, ${name}`, ...own, ...(name === 'gatelet' && absent) };
  }
  return [...race.keys()];
}

async function* predicting(names: readonly string[], folder: string, rounds: number) {
  const contestants = await openAll(names, folder, 'predict');
  const largestDifference = await agree(contestants, BATCH);
  const single = await takeTurns(contestants, 1, rounds);
  const batched = await takeTurns(contestants, BATCH, rounds);
  for (const contestant of contestants) await contestant.close();
  for (const name of names) {
    yield { name: `batch 1, ${name}`, ...standing(single, name), largestDifference, ...promise(name, 1.25) };
  }
  for (const name of names) {
    const value = round(
      quantile(
        single.get(name)!.flatMap(({ times }) => times),
        0.99,
      ),
    );
    const unit = { unit: 'ms', better: 'lower' } as const;
    yield { name: `batch 1, 99th percentile, ${name}`, value, ...unit, ...promise(name, 2) };
  }
  const perSecond = (ms: number) => round((1000 * BATCH) / ms);
  for (const name of names) {
    const { value: ms, quiet: quietMs, ...rest } = standing(batched, name);
    const speed = { value: perSecond(ms), unit: 'sequences/s', better: 'higher' } as const;
    yield {
      name: `batch ${BATCH}, ${name}`,
      ...rest,
      ...speed,
      quiet: perSecond(quietMs),
      ...promise(name, 900),
    };
  }
}

async function* training(present: readonly string[], folder: string, rounds: number) {
  const names = TRAINING.filter((name) => present.includes(name));
  const contestants = await openAll(names, folder, 'train');
  const steps = await takeTurns(contestants, BATCH, rounds, TRAINING_TURN_MS);
  const peaks = contestants.map(({ peakMiB }) => peakMiB);
  for (const contestant of contestants) await contestant.close();
  for (const name of names) {
    yield { name: `training step, batch ${BATCH}, ${name}`, ...standing(steps, name), ...promise(name, 115) };
  }
  for (const [i, name] of names.entries()) {
    const peak = peaks[i];
    if (peak === undefined) continue; // the system does not tell
    const size = { value: round(peak), unit: 'MiB', better: 'lower' } as const;
    yield { name: `peak memory in training, ${name}`, ...size, ...promise(name, 120) };
  }
}
