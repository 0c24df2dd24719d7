import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { save } from '../io/save.ts';
import { compare } from '../model/compare.ts';
import type { Model } from '../model/model.ts';
import { quantize } from '../model/quantize.ts';
import { evaluate } from '../train/evaluate.ts';
import { addDataFlags, type DataFlags } from './data-flags.ts';
import { checkWritable, writeFileWhole } from './files.ts';
import { formatBytes, formatCount, formatShare } from './format.ts';
import { checkLabels } from './labels.ts';
import { checkModelName, readModel } from './model-file.ts';
import { print } from './output.ts';
import { readRows } from './read.ts';

const HELP = `
Examples:
  gatelet quantize mood.safetensors -o small.safetensors
  gatelet quantize mood.safetensors -o small.safetensors --rows test.csv`;

/** Adds the verb `quantize`. */
export function addQuantize(program: Command): void {
  const command = program
    .command('quantize')
    .summary('make a model smaller and faster')
    .description('Writes a model again with weights of one byte each, which says nearly the same.')
    .argument('<model>', 'a file that train wrote')
    .requiredOption('-o, --output <file>', 'the smaller model: a name that ends in .safetensors')
    .option('--rows <file>', 'labelled texts to compare the two on: a file or folder as evaluate takes')
    .addHelpText('after', HELP);
  addDataFlags(command).action(run);
}

async function run(path: string, flags: DataFlags & { output: string; rows?: string }): Promise<void> {
  checkModelName(flags.output);
  const model = await readModel(path);
  checkWritable(flags.output);
  const small = quantize(model);
  const report = flags.rows === undefined ? [] : await agreement(model, small, flags.rows, flags);
  const bytes = save(small);
  writeFileWhole(flags.output, bytes);
  const before = statSync(path).size;
  print(
    `Wrote ${flags.output}: ${formatBytes(bytes.length)}, ${formatShare(bytes.length / before)} of ${formatBytes(before)}`,
  );
  for (const line of report) print(line);
}

async function agreement(model: Model, small: Model, file: string, flags: DataFlags): Promise<string[]> {
  const { rows } = readRows(file, flags);
  checkLabels(file, rows, model.config);
  const { equal, largestDifference } = compare(
    model,
    small,
    rows.map(({ text }) => text),
  );
  const [before, after] = [await evaluate(model, rows), await evaluate(small, rows)];
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  return [
    `\n${file}: ${formatCount(rows.length)} rows`,
    `equal labels        ${percent(equal)}`,
    `accuracy            ${percent(before.accuracy)} before, ${percent(after.accuracy)} after`,
    `largest difference  ${largestDifference.toFixed(4)} of a probability`,
  ];
}
