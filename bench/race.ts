// Libraries that take turns, round after round, so that a slow moment of the machine meets them all.
import { Contestant, type Task } from './contestant.ts';
import { NUM_ROWS } from './core.ts';
import { median, quantile } from './quantiles.ts';
import { round } from './rows.ts';

/** Largest difference between the outputs of two libraries, probabilities or losses. */
const AGREEMENT = 1e-5;
const TURN_MS = 600;

/** What a library needed in a round, in ms: each call, and of the processor a call on average. */
export interface Turn {
  readonly times: readonly number[];
  readonly cpuMs: number;
}

/** For each library its turns, round by round. */
export type Race = ReadonlyMap<string, readonly Turn[]>;

/** Opens processes that answer alike. @throws Error when one does not */
export async function openAll(names: readonly string[], folder: string, task: Task): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const name of names) contestants.push(await Contestant.open(name, folder, task));
  largestDifference(new Map(contestants.map(({ name, opened }) => [name, opened.outputs])));
  return contestants;
}

/** The largest difference between the probabilities of the first rows. @throws Error when it is too large */
export async function agree(contestants: readonly Contestant[], count: number): Promise<number> {
  const outputs = new Map<string, readonly number[]>();
  for (const contestant of contestants) {
    const timed = await contestant.time({ from: 0, count, calls: 1, ms: 0, rows: NUM_ROWS });
    outputs.set(contestant.name, timed.outputs);
  }
  return largestDifference(outputs);
}

/** Of the others' outputs to the first one's. @throws Error when they do not compute the same */
export function largestDifference(outputs: ReadonlyMap<string, readonly number[]>): number {
  const [[first, expected], ...others] = outputs;
  let largest = 0;
  for (const [name, values] of others) {
    const difference = Math.max(...expected.map((value, i) => Math.abs(value - values[i])));
    if (values.length !== expected.length || !(difference <= AGREEMENT)) {
      throw new Error(`${name} and ${first} do not compute the same: ${values} and ${expected}`);
    }
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** Calls of `count` rows each. A round before the first warms up. */
export async function takeTurns(
  contestants: readonly Contestant[],
  count: number,
  rounds: number,
  turnMs = TURN_MS,
): Promise<Race> {
  const ask = { count, calls: 1, ms: turnMs, rows: NUM_ROWS };
  for (const contestant of contestants) await contestant.time({ ...ask, from: 0 });
  const race = new Map(contestants.map(({ name }) => [name, [] as Turn[]]));
  for (let i = 0; i < rounds; i++) {
    for (const contestant of contestants) {
      const { times, cpuMs } = await contestant.time({ ...ask, from: i * count });
      race.get(contestant.name)!.push({ times, cpuMs: cpuMs / times.length });
    }
  }
  return race;
}

/** A library's row: the median of its rounds' medians, its quiet moments, and how it stands to gatelet in a round. */
export function standing(race: Race, name: string) {
  const turns = race.get(name)!;
  const gatelet = race.get('gatelet')!;
  const medians = turns.map(({ times }) => median(times));
  const calls = turns.flatMap(({ times }) => times);
  return {
    value: round(median(medians)),
    unit: 'ms',
    better: 'lower' as const,
    quiet: round(quantile(calls, 0.1)),
    cpuMs: round(median(turns.map(({ cpuMs }) => cpuMs))),
    timesGatelet: round(median(medians.map((ms, i) => ms / median(gatelet[i].times)))),
    calls: calls.length,
    rounds: turns.length,
  };
}
