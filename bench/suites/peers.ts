// gatelet beside other libraries: the same weights, the same rows, a process each, taking turns; on one core, or with
// two threads on two.
import { loadModule } from '#module';
import { Contestant, type Entrant, isOurs } from '../contestant.ts';
import { onAllCores } from '../cores.ts';
import { gateletInfer, gatelets, peer, torchOnAvx2 } from '../entrants.ts';
import { NUM_ROWS, writeCore, writeFull } from '../files.ts';
import { folderOf } from '../folder.ts';
import type { Meter } from '../measure.ts';
import { BATCH, LENGTH } from '../models.ts';
import { quantile } from '../quantiles.ts';
import { agree, agreeAtFirst, callsOf, openAll, type Race, standing, type Turn, takeTurns } from '../race.ts';
import { type Measurement, round } from '../rows.ts';
import { drawReviewLengths, REVIEW_LENGTHS } from '../texts.ts';

const PREDICTING = [
  ...gatelets(),
  ...gatelets({ weights: 'int8' }),
  gateletInfer(),
  gateletInfer('int8'),
  peer('onnxruntime-node'),
  peer('onnxruntime-web'),
  peer('tfjs'),
  peer('PyTorch'),
];
/** One round of steps lasts as long as some steps do. */
const TRAINING_TURN_MS = 1000;

export default async function* peersSuite([{ effort }]: readonly Meter[]): AsyncGenerator<Measurement> {
  const { rounds } = effort;
  const module = await loadModule('plain');
  const [core, full, reviews] = [folderOf('core'), folderOf('full'), folderOf('reviews')];
  writeCore(module, core);
  writeFull(module, full);
  writeCore(module, reviews, drawReviewLengths(module, NUM_ROWS, LENGTH));
  const present = yield* starting(core, rounds);
  const among = (entrants: readonly Entrant[]) => entrants.filter(({ library }) => present.has(library));
  yield* predicting(among(PREDICTING), core, rounds);
  yield* training(among([...gatelets(), peer('tfjs'), peer('PyTorch'), torchOnAvx2()]), core, rounds);
  yield* trainingTogether(
    among([...gatelets({ threads: 2 }), peer('PyTorch', { threads: 2 })]),
    core,
    rounds,
  );
  yield* trainingOnReviews(among([...gatelets(), peer('PyTorch')]), reviews, rounds);
  yield* trainingFull(among([...gatelets(), peer('PyTorch'), torchOnAvx2()]), full, rounds);
}

/** What gatelet promises; the others promised nothing. */
const promise = ({ library }: Entrant, goal: number | undefined, moonshot?: number) =>
  isOurs(library) && goal !== undefined ? { goal, ...(moonshot !== undefined && { moonshot }) } : {};

/** What has to be said of a library wherever it trains. */
const ADDED: Partial<Record<Entrant['library'], { readonly added: string }>> = {
  tfjs: {
    added:
      'by us, for its wasm backend cannot train an embedding: the sum of gradients by word (UnsortedSegmentSum); ' +
      'and transposes before the products of a gradient, which it computes slowly in one',
  },
};

/**
 * Cold processes, from code and model bytes in memory to the first answer.
 * @returns who is there: whoever cannot be started is not measured, and a row says why
 */
async function* starting(folder: string, rounds: number) {
  const race = new Map<string, Turn[]>();
  const opened: Contestant[] = [];
  const reasons: string[] = [];
  const open = async (entrant: Entrant) => {
    const contestant = await Contestant.open(entrant, folder, 'predict');
    await contestant.close();
    return contestant;
  };
  for (const entrant of PREDICTING) {
    try {
      opened.push(await open(entrant));
    } catch (error) {
      reasons.push((error as Error).message);
      process.stderr.write(`peers: not measured: ${reasons.at(-1)}\n`);
    }
  }
  for (let i = 0; i < rounds; i++) {
    for (const { entrant } of opened) {
      const { firstMs, cpuMs } = (await open(entrant)).opened;
      race.set(entrant.name, [...(race.get(entrant.name) ?? []), { times: [firstMs], cpuMs }]);
    }
  }
  for (const { entrant, opened: own } of opened) {
    yield {
      name: `first answer, ${entrant.name}`,
      ...standing(race, entrant.name),
      ...promise(entrant, 5, 3),
      version: own.version,
      ...(entrant === PREDICTING[0] && reasons.length > 0 && { absent: reasons.join('; ') }),
    } satisfies Measurement;
  }
  return new Set(opened.map(({ entrant }) => entrant.library));
}

/** gatelet/infer knows one text at a time. */
const readsTogether = ({ library }: Entrant) => library !== 'gatelet-infer';

/** Goals of one text in ms, and of a batch in texts a second. */
function goalsOf({ settings: { weights, build } }: Entrant) {
  if (weights === 'f32') return { single: 1.25, batch: 900 };
  return { single: build === 'relaxed' ? 0.5 : 1, batch: 2000 };
}

async function* predicting(entrants: readonly Entrant[], folder: string, rounds: number) {
  const contestants = await openAll(entrants, folder, 'predict');
  agreeAtFirst(contestants);
  const apart = await agree(contestants, BATCH);
  const single = await takeTurns(contestants, 1, rounds);
  const together = contestants.filter(({ entrant }) => readsTogether(entrant));
  const batched = await takeTurns(together, BATCH, rounds);
  for (const contestant of contestants) await contestant.close();
  for (const entrant of entrants) {
    const { name } = entrant;
    const largestDifference = apart.get(name)!;
    const goal = promise(entrant, goalsOf(entrant).single);
    yield { name: `batch 1, ${name}`, ...standing(single, name), largestDifference, ...goal };
  }
  for (const entrant of entrants) {
    const value = round(quantile(callsOf(single, entrant.name), 0.99));
    const goal = entrant.settings.weights === 'f32' ? promise(entrant, 2) : {};
    yield {
      name: `batch 1, 99th percentile, ${entrant.name}`,
      value,
      unit: 'ms',
      better: 'lower' as const,
      ...goal,
    };
  }
  const perSecond = (ms: number) => round((1000 * BATCH) / ms);
  for (const entrant of entrants.filter(readsTogether)) {
    const { value: ms, quiet: quietMs, ...rest } = standing(batched, entrant.name);
    const speed = { value: perSecond(ms), unit: 'sequences/s', better: 'higher' as const };
    yield {
      name: `batch ${BATCH}, ${entrant.name}`,
      ...rest,
      ...speed,
      quiet: perSecond(quietMs),
      ...promise(entrant, goalsOf(entrant).batch),
    };
  }
}

/** How many times as fast as another library a training step of our fastest build shall be. */
const FASTER_THAN = [
  ['tfjs', 6],
  ['PyTorch on AVX2', 1],
] as const;

async function* training(entrants: readonly Entrant[], folder: string, rounds: number) {
  const { race, peaks } = await raceSteps(entrants, folder, rounds);
  for (const entrant of entrants) {
    const own = { ...standing(race, entrant.name), ...promise(entrant, 115, 105), ...ADDED[entrant.library] };
    yield { name: `training step, ${entrant.name}`, ...own };
  }
  const ours = entrants.filter(({ library }) => library === 'gatelet');
  const best = Math.min(...ours.map(({ name }) => standing(race, name).timesGatelet));
  for (const [other, goal] of FASTER_THAN) {
    if (!race.has(other)) continue;
    const value = round(standing(race, other).timesGatelet / best);
    const times = { unit: 'times', better: 'higher' as const, goal };
    yield { name: `training step, how much faster gatelet is than ${other}`, value, ...times };
  }
  for (const entrant of entrants) {
    const peak = peaks.get(entrant.name);
    if (peak === undefined) continue; // the system does not tell
    const size = { value: round(peak), unit: 'MiB', better: 'lower' as const };
    yield { name: `peak memory in training, ${entrant.name}`, ...size, ...promise(entrant, 120) };
  }
}

async function* trainingTogether(entrants: readonly Entrant[], folder: string, rounds: number) {
  const { race } = await onAllCores(() => raceSteps(entrants, folder, rounds));
  for (const entrant of entrants) {
    const own = { ...standing(race, entrant.name), ...promise(entrant, 62, 58) };
    yield { name: `training step, two threads, ${entrant.name}`, ...own };
  }
}

/** Packed by us, padded by the others: the goal is to be ahead of them. */
async function* trainingOnReviews(entrants: readonly Entrant[], folder: string, rounds: number) {
  const { race } = await raceSteps(entrants, folder, rounds);
  const padded = race.has('PyTorch') ? standing(race, 'PyTorch').value : undefined;
  for (const entrant of entrants) {
    yield {
      name: `training step, real lengths, ${entrant.name}`,
      ...standing(race, entrant.name),
      ...promise(entrant, padded),
      lengths: `${REVIEW_LENGTHS}, cut at ${LENGTH}, ${entrant.library === 'gatelet' ? 'packed' : 'padded'}`,
    };
  }
}

/** Dropout draws differently in every library, so losses cannot be compared: what they predict is, before. */
async function* trainingFull(entrants: readonly Entrant[], folder: string, rounds: number) {
  const predicting = await openAll(entrants, folder, 'predict');
  const apart = await agree(predicting, BATCH);
  for (const contestant of predicting) await contestant.close();
  const { race } = await raceSteps(entrants, folder, rounds, 'losses differ');
  for (const entrant of entrants) {
    const own = { ...standing(race, entrant.name), ...promise(entrant, 190, 160) };
    const largestDifference = apart.get(entrant.name)!;
    yield { name: `training step, full model, ${entrant.name}`, ...own, largestDifference };
  }
}

async function raceSteps(
  entrants: readonly Entrant[],
  folder: string,
  rounds: number,
  losses: 'losses agree' | 'losses differ' = 'losses agree',
): Promise<{ race: Race; peaks: ReadonlyMap<string, number | undefined> }> {
  const contestants = await openAll(entrants, folder, 'train');
  if (losses === 'losses agree') agreeAtFirst(contestants);
  const race = await takeTurns(contestants, BATCH, rounds, TRAINING_TURN_MS);
  const peaks = new Map(contestants.map(({ entrant: { name }, peakMiB }) => [name, peakMiB]));
  for (const contestant of contestants) await contestant.close();
  return { race, peaks };
}
