import { rmSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { saveCheckpoint } from '../io/checkpoint.ts';
import { save } from '../io/save.ts';
import type { Model } from '../model/model.ts';
import { textClassifier } from '../model/text-classifier.ts';
import { textTagger } from '../model/text-tagger.ts';
import { TrainingError } from '../runtime/errors.ts';
import { type TrainOptions, trainSettings } from '../train/options.ts';
import { train } from '../train/train.ts';
import { commandLine, resumeArguments } from './command-line.ts';
import { isTagged, wholeSpans } from './conll.ts';
import { ROWS } from './data-flags.ts';
import { checkWritable, writeFileWhole } from './files.ts';
import { formatBytes, formatCount, formatShare, formatTable, formatTruncated } from './format.ts';
import { abortOnInterrupt } from './interrupt.ts';
import { checkLabels, labelCounts } from './labels.ts';
import { print } from './output.ts';
import { ProgressReport } from './progress.ts';
import { type FileRows, readRows } from './read.ts';
import { readCheckpoint } from './resume.ts';
import {
  addTrainFlags,
  checkTrainFlags,
  classifierOptions,
  inFlags,
  type TrainFlags,
  taggerOptions,
  trainOptions,
} from './train-flags.ts';

/** With more than these a list of labels hides what follows. */
const MOST_LABELS = 20;

const HELP = `
Rows of a .conll file are sentences, a word a line: words stand in the first
column and tags in the last, unless --text and --label name others (.conllu: 2
and 4). Such rows make a tagger. --roles reads semantic roles, in the brackets
of CoNLL 2005, and makes a row of each predicate.

Ctrl-C finishes the step under way, writes <output>.checkpoint and prints the
line that resumes; a resumed training ends in the same bytes as one never
interrupted. A second Ctrl-C ends at once.

Examples:
  gatelet train reviews.csv --text review --label sentiment -o mood.safetensors
  gatelet train reviews.csv --bidirectional --pool max --dropout 0.5 \\
    --validation 0.1 --early-stopping 3 --epochs 30 -o mood.safetensors
  gatelet train names.conll --bidirectional --dropout 0.5 --crf --keep-case -o names.safetensors`;

/** Adds the verb `train`. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('learn from labelled texts or tagged words')
    .description('Learns from labelled texts, or from tagged words (.conll), and writes one model file.')
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

  const { model, training, progress, signal, example } = await prepare(file, flags);
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
  print(`Next: ${commandLine(['predict', flags.output, example])}`);
}

/** Reads the rows, says what they are, and makes all ready for the first step. */
async function prepare(file: string, flags: TrainFlags) {
  const options = trainOptions(flags);
  const { rows } = readRows(file, flags);
  const counts = labelCounts(file, rows);
  print(`${file}: ${formatCount(rows.length)} rows\n`);
  print(countTable(isTagged(rows) ? ['tag', 'words'] : ['label', 'rows'], counts));
  const fresh = await untrained(rows, [...counts.keys()], flags);
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
  const example = isTagged(rows) ? rows[0].words.slice(0, 8).join(' ') : 'a joy to watch';
  return { model, training, progress, signal, example };
}

/** How many bear which label; of many labels the most frequent. */
function countTable(heads: readonly string[], counts: ReadonlyMap<string, number>): string {
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_LABELS);
  const shown = counts.size > MOST_LABELS ? most : [...counts];
  const table = formatTable([heads, ...shown.map(([label, n]) => [label, formatCount(n)])]);
  return counts.size > MOST_LABELS ? `${table}\n… and ${counts.size - MOST_LABELS} more` : table;
}

/** A tagger where rows are tagged words, otherwise a classifier. */
function untrained(rows: FileRows, labels: readonly string[], flags: TrainFlags): Promise<Model> {
  if (isTagged(rows)) return textTagger({ ...taggerOptions(flags), labels: wholeSpans(labels) });
  return textClassifier({ ...classifierOptions(flags), labels, multiLabel: Array.isArray(rows[0].label) });
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
