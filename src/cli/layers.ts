import type { Command } from 'commander';
import { CATALOGUE } from './catalogue.generated.ts';
import type { Entry, EntryOption } from './catalogue.ts';
import { formatTable } from './format.ts';
import { print } from './output.ts';
import { rangeOf } from './ranges.ts';

/** The headings, in the order in which they are printed. */
const HEADINGS: Readonly<Record<Entry['kind'], string>> = {
  layer: 'Layers',
  optimizer: 'Optimisers',
  schedule: 'Schedules',
  average: 'Averages',
  model: 'Models',
  training: 'Training',
  explanation: 'Explanations',
};

const HELP = `
Examples:
  gatelet layers
  gatelet layers --json`;

/** Adds the verb `layers`. */
export function addLayers(program: Command): void {
  program
    .command('layers')
    .summary('list what models and trainings are made of')
    .description('Lists every layer, optimiser, schedule and average, and all their options.')
    .option('--json', 'print one JSON array')
    .addHelpText('after', HELP)
    .action(run);
}

function run({ json }: { json?: true }): void {
  print(json ? JSON.stringify(CATALOGUE, null, 2) : catalogue());
}

function catalogue(): string {
  const sections = Object.entries(HEADINGS).map(([kind, heading]) => {
    const entries = CATALOGUE.filter((entry) => entry.kind === kind);
    return [`${heading}:`, ...entries.map(describe)].join('\n\n');
  });
  return sections.join('\n\n\n');
}

function describe({ name, says, source, options }: Entry): string {
  const lines = [`${name}()  ${says}`, ...(source ? [`Source: ${source}`] : [])];
  if (options.length === 0) return lines.join('\n');
  const rows = options.map((option) => [option.name, rangeOf(option), defaultOf(option), option.says]);
  const table = formatTable([['option', 'values', 'default', ''], ...rows]);
  return [...lines, ...table.split('\n').map((line) => `  ${line}`)].join('\n');
}

/** What stands where an option is not given. Of a type in words the text says it. */
function defaultOf(option: EntryOption): string {
  if ('type' in option) return option.required ? 'needed' : '';
  if (option.default === undefined) return 'needed';
  return option.default === null ? 'none' : String(option.default);
}
