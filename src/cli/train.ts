import { rmSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { saveCheckpoint } from '../io/checkpoint.ts';
import { save } from '../io/save.ts';
import type { Model } from '../model/model.ts';
import { transfer } from '../model/transfer.ts';
import { TrainingError } from '../runtime/errors.ts';
import { type TrainOptions, trainSettings } from '../train/options.ts';
import { train } from '../train/train.ts';
import { commandLine, resumeArguments } from './command-line.ts';
import { ROWS } from './data-flags.ts';
import { checkWritable, writeFileWhole } from './files.ts';
import { formatBytes, formatCount, formatShare, formatTruncated } from './format.ts';
import { abortOnInterrupt } from './interrupt.ts';
import { checkLabels } from './labels.ts';
import { lessonOf } from './lesson.ts';
import { readModel } from './model-file.ts';
import { print } from './output.ts';
import { ProgressReport } from './progress.ts';
import { readRows } from './read.ts';
import { readCheckpoint } from './resume.ts';
import { addTrainFlags, checkTrainFlags, inFlags, type TrainFlags, trainOptions } from './train-flags.ts';

const HELP = `
Rows of a .conll file are sentences, a word a line: words stand in the first
column and tags in the last, unless --text and --label name others (.conllu: 2
and 4). Such rows make a tagger. --roles reads semantic roles, in the brackets
of CoNLL 2005, and makes a row of each predicate. The lines of a .txt file are
texts without labels: they make a language model, for others to --begin-with.

Ctrl-C finishes the step under way, writes <output>.checkpoint and prints the
line that resumes; a resumed training ends in the same bytes as one never
interrupted. A second Ctrl-C ends at once.

Examples:
  gatelet train reviews.csv --text review --label sentiment -o mood.safetensors
  gatelet train reviews.csv --bidirectional --pool max --dropout 0.5 \\
    --validation 0.1 --early-stopping 3 --epochs 30 -o mood.safetensors
  gatelet train names.conll --bidirectional --dropout 0.5 --crf --keep-case -o names.safetensors
  gatelet train texts.txt --bidirectional --dropout 0.5 -o reader.safetensors
  gatelet train reviews.csv --bidirectional --dropout 0.5 --begin-with reader.safetensors \\
    --layer-rates 0.4,1,0.4,1,1,1 -o mood.safetensors`;

/** Adds the verb `train`. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('learn from texts or tagged words')
    .description(
      'Learns from labelled texts, tagged words (.conll) or texts alone (.txt), and writes one model file.',
    )
    .argument('<rows>', ROWS)
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

  const { model, training, progress, signal, next } = await prepare(file, flags);
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
  print(`Next: ${commandLine(next(flags.output))}`);
}

/** Reads the rows, says what they are, and makes all ready for the first step. */
async function prepare(file: string, flags: TrainFlags) {
  const options = trainOptions(flags);
  const { rows } = readRows(file, flags);
  const lesson = lessonOf(file, rows);
  print(`${file}: ${formatCount(rows.length)} ${lesson.noun}\n`);
  if (lesson.table !== undefined) print(lesson.table);
  const fresh = await lesson.untrained(flags);
  const { model, ...resume } =
    flags.resume === undefined ? { model: fresh } : await readCheckpoint(flags.resume, fresh.config);
  if (flags.beginWith !== undefined && flags.resume === undefined) {
    const given = transfer(await readModel(flags.beginWith), model);
    print(`\nBegins with ${given === 1 ? 'a layer' : `${given} layers`} of ${flags.beginWith}.`);
  }
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
  return { model, training, progress, signal, next: lesson.next };
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
