import type { Command } from 'commander';
import { type Evaluation, evaluate } from '../train/evaluate.ts';
import { addDataFlags, type DataFlags, ROWS } from './data-flags.ts';
import { formatCount, formatShare, formatTable, formatTruncated } from './format.ts';
import { checkLabels } from './labels.ts';
import { readModel } from './model-file.ts';
import { print } from './output.ts';
import { readRows } from './read.ts';

/** With more labels than this a confusion matrix is wider than any terminal. */
const MATRIX_LABELS = 12;
const MISTAKES = 10;

const HELP = `
Examples:
  gatelet evaluate mood.safetensors test.tsv
  gatelet evaluate mood.safetensors test.csv --text review --label sentiment --json`;

/** Adds the verb `evaluate`. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('compare a model with labelled texts or tagged words')
    .description('Compares what a model says of texts with their labels, or of words with their tags.')
    .argument('<model>', 'a file that train wrote')
    .argument('<rows>', ROWS)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP);
  addDataFlags(command).action(run);
}

async function run(path: string, file: string, flags: DataFlags & { json?: true }): Promise<void> {
  const model = await readModel(path);
  const { rows } = readRows(file, flags);
  checkLabels(file, rows, model.config);
  const evaluation = await evaluate(model, rows);
  if (flags.json) return print(JSON.stringify(evaluation, null, 2));

  const { loss, accuracy, macroF1, truncated, confusion, spans } = evaluation;
  print(`${file}: ${formatCount(rows.length)} rows`);
  if (truncated > 0) print(formatTruncated(truncated, model.config.maxLength));
  print(`\nloss      ${loss.toFixed(4)}`);
  print(`accuracy  ${formatShare(accuracy)}`);
  if (model.config.labels.length === 0) return;
  print(`macro F1  ${formatShare(macroF1)}\n`);
  const { labels, task } = model.config;
  const counted = task === 'tag' ? ['tag', 'words'] : ['label', 'rows'];
  print(classTable(evaluation.classes, counted));
  if (spans) print(`\n${classTable({ ...spans.classes, all: spans }, ['span', 'spans'])}`);
  if (!confusion) return;
  print(
    labels.length > MATRIX_LABELS ? mistakes(labels, confusion, counted) : matrix(labels, confusion, counted),
  );
}

type Confusion = NonNullable<Evaluation['confusion']>;

function classTable(classes: Evaluation['classes'], [what, counted]: readonly string[]): string {
  const heads = [what, 'precision', 'recall', 'F1', counted];
  const lines = Object.entries(classes).map(([label, { precision, recall, f1, support }]) => [
    label,
    ...[precision, recall, f1].map(formatShare),
    formatCount(support),
  ]);
  return formatTable([heads, ...lines]);
}

function matrix(labels: readonly string[], confusion: Confusion, [what]: readonly string[]): string {
  const lines = labels.map((label, i) => [label, ...confusion[i].map(formatCount)]);
  return `\nTrue ${what}s down, predicted ${what}s across:\n\n${formatTable([['', ...labels], ...lines])}`;
}

function mistakes(labels: readonly string[], confusion: Confusion, heads: readonly string[]): string {
  const found = labels.flatMap((label, i) =>
    labels.flatMap((said, j) =>
      i === j || confusion[i][j] === 0 ? [] : [{ label, said, rows: confusion[i][j] }],
    ),
  );
  if (found.length === 0) return '\nNo mistakes.';
  const most = found.sort((a, b) => b.rows - a.rows).slice(0, MISTAKES);
  const lines = most.map(({ label, said, rows }) => [label, said, formatCount(rows)]);
  return `\nThe most frequent mistakes:\n\n${formatTable([[heads[0], 'predicted', heads[1]], ...lines])}`;
}
