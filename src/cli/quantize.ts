import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { save } from '../io/save.ts';
import { compare } from '../model/compare.ts';
import type { Model } from '../model/model.ts';
import { quantize } from '../model/quantize.ts';
import { DataError } from '../runtime/errors.ts';
import { evaluate } from '../train/evaluate.ts';
import { addDataFlags, type DataFlags } from './data-flags.ts';
import { checkWritable, writeFileWhole } from './files.ts';
import { formatBytes, formatCount, formatShare } from './format.ts';
import { checkLabels } from './labels.ts';
import { checkModelName, readModel } from './model-file.ts';
import { print } from './output.ts';
import { readRows } from './read.ts';
import { areLabelled, areTagged } from './rows.ts';

const HELP = `
Examples:
  gatelet quantize mood.safetensors -o small.safetensors
  gatelet quantize mood.safetensors -o small.safetensors --rows test.csv
  gatelet quantize mood.safetensors -o small.safetensors --rows test.csv --json`;

/** Adds the verb `quantize`. */
export function addQuantize(program: Command): void {
  const command = program
    .command('quantize')
    .summary('make a model smaller and faster')
    .description('Writes a model again with weights of one byte each, which says nearly the same.')
    .argument('<model>', 'a file that train wrote')
    .requiredOption('-o, --output <file>', 'the smaller model: a name that ends in .safetensors')
    .option('--rows <file>', 'rows to compare the two on: a file or folder as evaluate takes')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP);
  addDataFlags(command).action(run);
}

interface Flags extends DataFlags {
  readonly output: string;
  readonly rows?: string;
  readonly json?: true;
}

async function run(path: string, flags: Flags): Promise<void> {
  checkModelName(flags.output);
  const model = await readModel(path);
  checkWritable(flags.output);
  const small = quantize(model);
  const comparison = flags.rows === undefined ? undefined : await compareOn(flags.rows, model, small, flags);
  const bytes = save(small);
  writeFileWhole(flags.output, bytes);
  const size = { bytes: bytes.length, bytesBefore: statSync(path).size };
  if (flags.json) return print(JSON.stringify({ ...size, ...comparison }, null, 2));

  const share = formatShare(size.bytes / size.bytesBefore);
  print(`Wrote ${flags.output}: ${formatBytes(size.bytes)}, ${share} of ${formatBytes(size.bytesBefore)}`);
  if (comparison) printComparison(flags.rows!, comparison);
}

/** How the small model does on labelled rows, beside the one it was made from. */
interface Comparison {
  readonly rows: number;
  /** Share of the rows that get equal labels from both, or of the words that get equal tags. */
  readonly equal: number;
  readonly accuracyBefore: number;
  readonly accuracy: number;
  /** Of a probability. */
  readonly largestDifference: number;
}

async function compareOn(file: string, model: Model, small: Model, flags: DataFlags): Promise<Comparison> {
  const { rows } = readRows(file, flags);
  checkLabels(file, rows, model.config);
  if (!areTagged(rows) && !areLabelled(rows))
    throw new DataError(file, { expected: 'rows with labels', got: 'texts alone' });
  const texts = areTagged(rows) ? rows.map(({ words }) => words) : rows.map(({ text }) => text);
  const { equal, largestDifference } = compare(model, small, texts);
  const { accuracy: accuracyBefore } = await evaluate(model, rows);
  const { accuracy } = await evaluate(small, rows);
  return { rows: rows.length, equal, accuracyBefore, accuracy, largestDifference };
}

function printComparison(file: string, { rows, equal, ...rest }: Comparison): void {
  const { accuracyBefore, accuracy, largestDifference } = rest;
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  print(`\n${file}: ${formatCount(rows)} rows`);
  print(`equal labels        ${percent(equal)}`);
  print(`accuracy            ${percent(accuracyBefore)} before, ${percent(accuracy)} after`);
  print(`largest difference  ${largestDifference.toFixed(4)} of a probability`);
}
