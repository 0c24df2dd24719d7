// How soon a process that has just started answers.
import { loadModule } from '#module';
import { Contestant, type Entrant } from '../contestant.ts';
import { gateletInfer, gatelets } from '../entrants.ts';
import { writeCore } from '../files.ts';
import { folderOf } from '../folder.ts';
import type { Meter } from '../measure.ts';
import { median, quantile } from '../quantiles.ts';
import { type Measurement, round } from '../rows.ts';

/** A first request of an edge function is one of these. */
const ANSWERS = 20;

export default async function* startupSuite([{ effort }]: readonly Meter[]): AsyncGenerator<Measurement> {
  const folder = folderOf('core');
  writeCore(await loadModule('plain'), folder);
  const [whole] = gatelets();
  const begun = 'from code and model bytes in memory to the first answer';
  const longest = `longest of answers 2 to ${ANSWERS} of a process, 100 words each`;
  for (const entrant of [whole, gateletInfer(), gateletInfer('int8')]) {
    const cold = await processes(entrant, folder, effort.rounds);
    yield { ...row(`${entrant.name}: ${begun}`, 5, cold.first), moonshot: 3 };
    yield row(`${entrant.name}: ${longest}`, 10, cold.longest);
  }
  const [warmed] = gatelets({ warm: true });
  const warm = await processes(warmed, folder, effort.rounds);
  yield row(`${warmed.name}: ${longest}, behind warm()`, 10, warm.longest);
}

/** Of fresh processes the time to the first answer, and of the answers behind it the longest. */
async function processes(entrant: Entrant, folder: string, count: number) {
  const first: number[] = [];
  const longest: number[] = [];
  for (let i = 0; i < count; i++) {
    const process = await Contestant.open(entrant, folder, 'predict');
    const { times } = await process.time({ from: 1, count: 1, calls: ANSWERS - 1, ms: 0, rows: ANSWERS });
    await process.close();
    first.push(process.opened.firstMs);
    longest.push(Math.max(...times));
  }
  return { first, longest };
}

function row(name: string, goal: number, times: readonly number[]): Measurement {
  const [quiet, best] = [quantile(times, 0.1), Math.min(...times)];
  return {
    name,
    value: round(median(times)),
    unit: 'ms',
    better: 'lower',
    goal,
    quiet: round(quiet),
    best: round(best),
    processes: times.length,
  };
}
