import { statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Shape } from '../layers/layer.ts';
import { answerHead } from '../model/answer.ts';
import { networkSpec } from '../model/config.ts';
import type { Model } from '../model/model.ts';
import { listParameters, outputShape, planNetwork } from '../model/network-plan.ts';
import { manyTexts } from '../model/runner.ts';
import { printCalls } from '../runtime/plan.ts';
import { lossHead, plainObjective } from '../train/objective.ts';
import { formatBytes, formatCount, formatOptions, formatShare, formatTable } from './format.ts';
import { readModel } from './model-file.ts';
import { print } from './output.ts';

const FIRST_WORDS = 20;

const HELP = `
Examples:
  gatelet inspect mood.safetensors
  gatelet inspect mood.safetensors --json`;

/** Adds the verb `inspect`. */
export function addInspect(program: Command): void {
  program
    .command('inspect')
    .summary('show what a model is made of')
    .description('Shows the layers, parameters, vocabulary and training of a model.')
    .argument('<model>', 'a file that train wrote')
    .option('--plan', 'print the kernel calls of a training step, too (of a quantised model: a prediction)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

type Facts = ReturnType<typeof factsOf>;

async function run(path: string, flags: { plan?: true; json?: true }): Promise<void> {
  const model = await readModel(path);
  const facts = { file: path, bytes: statSync(path).size, ...factsOf(model) };
  const plan = flags.plan && planOf(model);
  if (flags.json) return print(JSON.stringify({ ...facts, ...(plan && { plan }) }, null, 2));
  print(`${path}: ${formatBytes(facts.bytes)}`);
  print(`Labels: ${facts.labels.join(', ')}${facts.multiLabel ? ' (any number a text)' : ''}\n`);
  print([layers(facts), parameters(facts), words(facts), training(facts)].join('\n\n'));
  for (const [name, calls] of Object.entries(plan ?? {})) print(`\n${name}:\n${calls.join('\n')}`);
}

function factsOf({ config, vocabulary, facts }: Model) {
  const { layers, tokenizer, ...rest } = config;
  const parameters = listParameters(layers, vocabulary.tableRows, config.weights);
  return {
    ...rest,
    layers: layers.map(({ kind, options }, i) => ({
      kind,
      options,
      output: printShape(outputShape(layers.slice(0, i + 1))),
    })),
    parameters,
    numParameters: parameters.reduce((sum, { size }) => sum + size, 0),
    tokenizer,
    vocabulary: { words: vocabulary.numWords, first: vocabulary.words.slice(0, FIRST_WORDS) },
    training: facts,
  };
}

function printShape(shape: Shape): string {
  if (shape.kind === 'tokens') return 'words';
  return shape.kind === 'sequence' ? `[words, ${shape.features}]` : `[${shape.features}]`;
}

/** What a training step over this network calls; where it cannot be trained, a prediction. */
function planOf({ modules, config, vocabulary }: Model): Record<string, string[]> {
  const spec = networkSpec(config, vocabulary);
  const limits = manyTexts(config);
  const { calls } =
    config.weights === 'i8'
      ? planNetwork(modules.fast, spec, 'predict', limits, answerHead(config))
      : planNetwork(modules.fast, spec, 'train', limits, lossHead(config, plainObjective(config)));
  return Object.fromEntries(
    Object.entries(calls)
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => [name, printCalls(list).split('\n')]),
  );
}

function layers({ layers }: Facts): string {
  const rows = layers.map(({ kind, options, output }, i) => [
    String(i),
    kind,
    formatOptions(options),
    output,
  ]);
  return formatTable([['', 'layer', 'options', 'output'], ...rows]);
}

function parameters({ parameters, numParameters }: Facts): string {
  const rows = parameters.map(({ name, shape, dtype, size }) => [
    name,
    `[${shape.join(', ')}]`,
    dtype,
    formatCount(size),
  ]);
  const heads = ['parameter', 'shape', 'type', 'numbers'];
  return formatTable([heads, ...rows, ['all', '', '', formatCount(numParameters)]]);
}

function words({ vocabulary, tokenizer, maxLength }: Facts): string {
  const { minCount, buckets, ngrams, lowercase, accents } = tokenizer;
  const others = buckets
    ? `${formatCount(buckets)} buckets for the n-grams of ${ngrams.join(' to ')} characters of others`
    : 'all others alike';
  return [
    `Vocabulary: ${formatCount(vocabulary.words)} words seen at least ${minCount} times; ${others}.`,
    `First words: ${vocabulary.first.join(' ')}`,
    `Reads ${formatCount(maxLength)} words of a text, case ${lowercase ? 'ignored' : 'kept'}, accents ${
      accents === 'strip' ? 'ignored' : 'kept'
    }.`,
  ].join('\n');
}

function training({ training, seed }: Facts): string {
  const { epochs, steps, rows, optimizer, loss, accuracy, validation } = training;
  const measured = (name: string, of: { rows: number; loss: number; accuracy: number }) => [
    name,
    formatCount(of.rows),
    of.loss.toFixed(4),
    formatShare(of.accuracy),
  ];
  return [
    `Trained for ${epochs} epochs, ${formatCount(steps)} steps of ${optimizer}, seed ${seed}.`,
    formatTable([
      ['', 'rows', 'loss', 'accuracy'],
      measured('training', { rows, loss, accuracy }),
      ...(validation ? [measured('validation', validation)] : []),
    ]),
  ].join('\n');
}
