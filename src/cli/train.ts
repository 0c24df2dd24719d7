import { rmSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { saveCheckpoint } from '../io/checkpoint.ts';
import { save } from '../io/save.ts';
import type { Model } from '../model/model.ts';
import { textClassifier } from '../model/text-classifier.ts';
import { TrainingError } from '../runtime/errors.ts';
import { type TrainOptions, trainSettings } from '../train/options.ts';
import { train } from '../train/train.ts';
import { commandLine, resumeArguments } from './command-line.ts';
import { checkWritable, writeFileWhole } from './files.ts';
import { formatBytes, formatCount, formatShare, formatTable, formatTruncated } from './format.ts';
import { abortOnInterrupt } from './interrupt.ts';
import { checkLabels, labelCounts } from './labels.ts';
import { print } from './output.ts';
import { ProgressReport } from './progress.ts';
import { readRows } from './read.ts';
import { readCheckpoint } from './resume.ts';
import {
  addTrainFlags,
  checkTrainFlags,
  inFlags,
  modelOptions,
  type TrainFlags,
  trainOptions,
} from './train-flags.ts';

const HELP = `
Ctrl-C finishes the step under way, writes <output>.checkpoint and prints the
line that resumes; a resumed training ends in the same bytes as one never
interrupted. A second Ctrl-C ends at once.

Examples:
  gatelet train reviews.csv --text review --label sentiment -o mood.safetensors
  gatelet train reviews.csv --bidirectional --pool max --dropout 0.5 \\
    --validation 0.1 --early-stopping 3 --epochs 30 -o mood.safetensors`;

/** Adds the verb `train`. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('learn from labelled texts')
    .description('Learns from labelled texts and writes one model file.')
    .argument('<rows>', 'a .csv, .tsv or .jsonl file, or a folder: <folder>/<label>/*.txt')
    .addHelpText('after', HELP);
  addTrainFlags(command).action(async (file: string, flags: TrainFlags) => {
    try {
      await run(file, flags);
    } catch (error) {
      throw inFlags(error);
    }
  });
}

async function run(file: string, flags: TrainFlags): Promise<void> {
  checkTrainFlags(flags);
  const checkpoint = `${flags.output}.checkpoint`;
  for (const path of [flags.output, checkpoint]) checkWritable(path);

  const { model, training, progress, signal } = await prepare(file, flags);
  try {
    for await (const epoch of training) progress.epoch(epoch);
  } catch (error) {
    progress.stop();
    if (error instanceof TrainingError && model.isTrained) write(flags.output, model);
    throw error;
  }
  progress.stop();

  if (!training.finished) {
    writeFileWhole(checkpoint, saveCheckpoint(training));
    print(`\nInterrupted after step ${formatCount(model.facts.steps)}. Wrote ${checkpoint}`);
    print(`Resume: ${commandLine(resumeArguments(process.argv.slice(2), checkpoint))}`);
    process.exitCode = signal.reason;
    return;
  }
  printResult(model, flags);
  write(flags.output, model);
  if (flags.resume !== undefined) rmSync(flags.resume, { force: true });
  print(`Next: ${commandLine(['predict', flags.output, 'a joy to watch'])}`);
}

/** Reads the rows, says what they are, and makes all ready for the first step. */
async function prepare(file: string, flags: TrainFlags) {
  const options = trainOptions(flags);
  const { rows } = readRows(file, flags);
  const counts = labelCounts(file, rows);
  print(`${file}: ${formatCount(rows.length)} rows\n`);
  print(formatTable([['label', 'rows'], ...[...counts].map(([label, n]) => [label, formatCount(n)])]));
  const multiLabel = Array.isArray(rows[0].label);
  const fresh = await textClassifier({ ...modelOptions(flags), labels: [...counts.keys()], multiLabel });
  const { model, ...resume } =
    flags.resume === undefined ? { model: fresh } : await readCheckpoint(flags.resume, fresh.config);
  const all: TrainOptions = { ...options, ...validation(flags, model), ...resume };
  const progress = new ProgressReport(trainSettings(model.config, all).epochs);
  const interrupt = new AbortController();
  const { signal } = interrupt;
  signal.addEventListener('abort', () => progress.stop());
  const training = train(model, rows, { ...all, signal, onStep: (step) => progress.step(step) });
  const { truncated } = training;
  if (truncated > 0) print(`\n${formatTruncated(truncated, model.config.maxLength)}`);
  print();
  // Not before: until there is something to lose, Ctrl-C ends the process by itself.
  abortOnInterrupt(interrupt);
  return { model, training, progress, signal };
}

function validation(flags: TrainFlags, { config }: Model): Pick<TrainOptions, 'validation'> {
  if (typeof flags.validation !== 'string') {
    return flags.validation === undefined ? {} : { validation: flags.validation };
  }
  const { rows } = readRows(flags.validation, flags);
  checkLabels(flags.validation, rows, config);
  return { validation: rows };
}

function printResult({ facts }: Model, { earlyStopping }: TrainFlags): void {
  print();
  if (earlyStopping !== undefined) print(`Epoch ${facts.epochs} was the best; the model is as it was then.`);
  const { loss, accuracy, rows } = facts.validation ?? facts;
  const which = facts.validation ? 'to validate on' : 'trained on';
  print(
    `Loss ${loss.toFixed(4)}, accuracy ${formatShare(accuracy)} on the ${formatCount(rows)} rows ${which}.`,
  );
}

function write(path: string, model: Model): void {
  writeFileWhole(path, save(model));
  print(`Wrote ${path} (${formatBytes(statSync(path).size)})`);
}
