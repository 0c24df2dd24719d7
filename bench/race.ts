// Libraries that take turns, round after round, so that a slow moment of the machine meets them all.
import { Contestant, type Entrant, type Task } from './contestant.ts';
import { NUM_ROWS } from './files.ts';
import { median, quantile } from './quantiles.ts';
import { round } from './rows.ts';

const TURN_MS = 600;

/** What a library needed in a round, in ms: each call, and of the processor a call on average. */
export interface Turn {
  readonly times: readonly number[];
  readonly cpuMs: number;
}

/** For each library its turns, round by round. */
export type Race = ReadonlyMap<string, readonly Turn[]>;

/** What somebody who shall compute the same has computed. */
export interface Answer {
  readonly name: string;
  readonly tolerance: number;
  readonly outputs: readonly number[];
}

/** Opens processes. */
export async function openAll(
  entrants: readonly Entrant[],
  folder: string,
  task: Task,
): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const entrant of entrants) contestants.push(await Contestant.open(entrant, folder, task));
  return contestants;
}

/** @throws Error when the first answers, or the losses of the first steps, are not the same */
export function agreeAtFirst(contestants: readonly Contestant[]): void {
  differences(contestants.map(({ entrant, opened: { outputs } }) => ({ ...entrant, outputs })));
}

/** How far each one's probabilities of the first rows are from the first one's. @throws Error when too far */
export async function agree(
  contestants: readonly Contestant[],
  count: number,
): Promise<ReadonlyMap<string, number>> {
  const answers: Answer[] = [];
  for (const contestant of contestants) {
    const { outputs } = await contestant.time({ from: 0, count, calls: 1, ms: 0, rows: NUM_ROWS });
    answers.push({ ...contestant.entrant, outputs });
  }
  return differences(answers);
}

/** The largest difference of each one's outputs to the first one's. @throws Error when they do not compute the same */
export function differences(answers: readonly Answer[]): ReadonlyMap<string, number> {
  const [first] = answers;
  return new Map(
    answers.map(({ name, tolerance, outputs }) => {
      const difference = Math.max(...first.outputs.map((value, i) => Math.abs(value - outputs[i])));
      if (outputs.length !== first.outputs.length || !(difference <= tolerance)) {
        throw new Error(`${name} and ${first.name} do not compute the same: ${outputs} and ${first.outputs}`);
      }
      return [name, difference];
    }),
  );
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
  const race = new Map(contestants.map(({ entrant: { name } }) => [name, [] as Turn[]]));
  for (let i = 0; i < rounds; i++) {
    for (const contestant of contestants) {
      const { times, cpuMs } = await contestant.time({ ...ask, from: i * count });
      race.get(contestant.entrant.name)!.push({ times, cpuMs: cpuMs / times.length });
    }
  }
  return race;
}

/** A library's row: the median of its rounds' medians, its quiet moments, and how it stands to gatelet in a round. */
export function standing(race: Race, name: string) {
  const turns = race.get(name)!;
  const gatelet = race.get('gatelet')!;
  const medians = turns.map(({ times }) => median(times));
  const calls = callsOf(race, name);
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

/** All calls of a library, in ms. */
export const callsOf = (race: Race, name: string): number[] => race.get(name)!.flatMap(({ times }) => times);
