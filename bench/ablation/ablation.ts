// npm run bench -- ablation --data <file> [--test <file>] …: one base model, each technique switched on alone, and what
// goes together best. Runs are kept as they end, and a rerun goes on where one stopped.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { Command } from 'commander';
import { isTagged } from '../../src/cli/conll.ts';
import { addDataFlags, type DataFlags } from '../../src/cli/data-flags.ts';
import { readRows } from '../../src/cli/read.ts';
import {
  evaluate,
  GateletError,
  type LabelledText,
  type TaggedWords,
  TrainingError,
} from '../../src/index.ts';
import { countLabels } from '../../src/train/class-weights.ts';
import { type Measurement, type Row as ResultRow, round, table } from '../rows.ts';
import { type Learnt, learn } from './learn.ts';
import { changed, modelOf, type Recipe } from './recipe.ts';
import { appendRun, isSame, type Run, readRuns } from './runs.ts';
import { BASE_NAME, BEST_NAME, bestCombination, type Line, summary } from './summary.ts';
import { BASE, TECHNIQUES } from './techniques.ts';

interface Flags extends DataFlags {
  data: string;
  test?: string;
  tags?: string;
  name?: string;
  out?: string;
  only?: string;
  seeds: string;
  epochs: string;
  maxLength: string;
  json?: true;
}

const command = new Command('ablation')
  .requiredOption('--data <file>', 'labelled rows to learn from; a tenth of them is held back to choose by')
  .option('--test <file>', 'labelled rows that nothing is chosen by')
  .option('--tags <file>', 'sentences of tagged words (.conll), for the task that learns beside')
  .option('--name <name>', 'of the data, in the results (default: the name of the file)')
  .option('--out <file>', 'where results are added (default bench/results/ablation/<name>.jsonl)')
  .option('--only <names>', 'techniques, by commas (default: all)')
  .option('--seeds <number>', 'trainings of each', '3')
  .option('--epochs <number>', 'of each training', '8')
  .option('--max-length <words>', 'of a text that are read', '256')
  .option('--json', 'print one JSON array');
const flags = addDataFlags(command).parse().opts<Flags>();
const [seeds, epochs, maxLength] = [flags.seeds, flags.epochs, flags.maxLength].map(Number);
const name = flags.name ?? basename(flags.data).replace(/\..*/, '');
const out = flags.out ?? `bench/results/ablation/${name}.jsonl`;

try {
  await runAll({
    rows: texts(flags.data, flags),
    ...(flags.test !== undefined && { test: texts(flags.test, flags) }),
    tagged: flags.tags === undefined ? [] : tags(flags.tags),
  });
  print(summary(readRuns(out)));
} catch (error) {
  if (!(error instanceof GateletError)) throw error;
  console.error(`ablation: ${error.message}`);
  process.exitCode = 2;
}

/** What trainings learn from and are judged by. */
interface Data {
  readonly rows: readonly LabelledText[];
  readonly test?: readonly LabelledText[];
  readonly tagged: readonly TaggedWords[];
}

function texts(file: string, options: DataFlags): readonly LabelledText[] {
  const { rows } = readRows(file, options);
  if (!isTagged(rows)) return rows;
  throw new GateletError(`${file} holds tagged words`, { expected: 'labelled texts' });
}

function tags(file: string): readonly TaggedWords[] {
  const { rows } = readRows(file);
  if (isTagged(rows)) return rows.filter(({ words }) => words.length <= maxLength);
  throw new GateletError(`${file} holds labelled texts`, { expected: 'a .conll file' });
}

async function runAll(data: Data): Promise<void> {
  const chosen = chooseTechniques();
  // Seed by seed, so that a run broken off has something to say of every technique.
  for (let seed = 1; seed <= seeds; seed++) {
    for (const [technique, recipe] of chosen) await runOne(data, technique, recipe, seed);
  }
  if (flags.only !== undefined) return;
  const recipe = bestCombination(readRuns(out));
  for (let seed = 1; seed <= seeds; seed++) await runOne(data, BEST_NAME, recipe, seed);
}

function chooseTechniques(): [name: string, recipe: Recipe][] {
  const all: [string, Recipe][] = [
    [BASE_NAME, BASE],
    ...TECHNIQUES.filter(({ change }) => change.help?.task !== 'tag' || flags.tags !== undefined).map(
      ({ name, change }): [string, Recipe] => [name, changed(BASE, change)],
    ),
  ];
  const only = flags.only?.split(',');
  const unknown = only?.find((wanted) => all.every(([name]) => name !== wanted));
  if (unknown !== undefined) {
    throw new GateletError(`there is no technique '${unknown}'`, {
      expected: all.map(([name]) => name).join(', '),
    });
  }
  return only ? all.filter(([name]) => only.includes(name)) : all;
}

async function runOne(data: Data, technique: string, recipe: Recipe, seed: number): Promise<void> {
  const key = { recipe, seed, epochs, maxLength, rows: data.rows.length };
  if (readRuns(out).some((run) => run.technique === technique && isSame(run, key))) return;
  const labels = [...countLabels(data.rows).keys()].sort();
  const model = await modelOf(recipe, { labels, seed, maxLength });
  let learnt: Learnt = { model, validation: 0, bestEpoch: 0, seconds: 0 };
  let failed: string | undefined;
  try {
    learnt = await learn(model, recipe, { rows: data.rows, tagged: data.tagged, epochs, seed, maxLength });
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    failed = error.message;
  }
  const { validation, bestEpoch, seconds } = learnt;
  const onTest = data.test && failed === undefined ? await evaluate(learnt.model, data.test) : undefined;
  const run: Run = {
    ...{ data: name, technique, ...key, validation, bestEpoch },
    ...(onTest && { test: onTest.accuracy }),
    secondsPerEpoch: round(seconds / epochs),
    parameters: learnt.model.isTrained ? learnt.model.weights.length : 0,
    ...(failed !== undefined && { failed }),
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
  };
  appendRun(out, run);
  const accuracy = `${percent(validation)} % held back${onTest ? `, ${percent(onTest.accuracy)} % test` : ''}`;
  console.error(
    `${name}, ${technique}, seed ${seed}: ${failed ?? `${accuracy}, ${run.secondsPerEpoch} s an epoch`}`,
  );
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function print(lines: readonly Line[]): void {
  const rows = lines.map((line): ResultRow => ({ suite: `ablation ${name}`, ...measurementOf(line) }));
  process.stdout.write(flags.json ? `${JSON.stringify(rows, null, 1)}\n` : table(rows));
}

function measurementOf({ name, runs, failed, validation, test, secondsPerEpoch }: Line): Measurement {
  return {
    name,
    value: percent(test?.mean ?? validation),
    unit: test ? '% of the test rows' : '% of the rows held back',
    better: 'higher',
    ...(test && { lowest: percent(test.low), highest: percent(test.high) }),
    heldBack: percent(validation),
    secondsPerEpoch: round(secondsPerEpoch),
    ...{ seeds: runs, failed },
  };
}

function percent(share: number): number {
  return Number((100 * share).toFixed(2));
}
