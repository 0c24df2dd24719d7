// docs/techniques.md as text: what is declared, when to use it, and what it was worth.
import type { Entry, EntryOption } from '../../src/cli/catalogue.ts';
import { rangeOf } from '../../src/cli/ranges.ts';
import type { Recipe } from './recipe.ts';
import type { Run } from './runs.ts';
import { BASE_NAME, BEST_NAME, comparable, type Line, summary } from './summary.ts';
import { BASE, TECHNIQUES } from './techniques.ts';

/** One dataset's runs. */
export interface Dataset {
  /** Of the file in bench/results/ablation/. */
  readonly name: string;
  readonly runs: readonly Run[];
}

const KINDS: readonly (readonly [Entry['kind'], string])[] = [
  ['layer', 'Layers'],
  ['optimizer', 'Optimisers'],
  ['schedule', 'Schedules'],
  ['average', 'Averages'],
];

/** The whole page. */
export function techniquesPage(catalogue: readonly Entry[], datasets: readonly Dataset[]): string {
  return `${[
    '# Techniques, when to use them, and what they are worth',
    'Written by `node scripts/techniques.mjs` from the declarations in `src/`, the list in\n`bench/ablation/techniques.ts` and the runs in `bench/results/ablation/`.',
    '## When to use what',
    table(
      ['technique', 'when'],
      TECHNIQUES.map(({ name, when }) => [name, when]),
    ),
    '## What each is worth',
    method(),
    ...(datasets.length > 0 ? datasets.map(resultsOf) : ['No results are kept yet.']),
    '## What there is',
    ...KINDS.flatMap(([kind, heading]) => [
      `### ${heading}`,
      table(
        ['', 'what it does', 'options', 'source'],
        catalogue.filter((entry) => entry.kind === kind).map(cellsOf),
      ),
    ]),
  ].join('\n\n')}\n`;
}

function method(): string {
  const base = [BASE.embedding, ...BASE.words, ...BASE.cells, ...BASE.states, BASE.pool, ...BASE.vector];
  const layers = base.map(([name, options]) => `${name}(${options ? JSON.stringify(options) : ''})`);
  return [
    `The base is ${layers.map((layer) => `\`${layer}\``).join(', ')} and \`dense()\`, trained by \`${BASE.optimizer[0]}()\`.`,
    'Each technique is switched on alone. A tenth of the rows is held back (another tenth for each seed); the parameters of',
    'the best epoch on these are what the test file sees, once. The best combination is the better, on the rows held back, of two:',
    'for each part of the model and of the training the change that gains most alone; and changes taken one after another, the',
    'largest gain first, of which those stay that gain on top of the ones before. A difference is worth a name where it is larger',
    'than the range over the seeds. A language model before or beside reads the same texts, an equal number of epochs; tags come from',
    'sentences of their own. Times are those of the quickest seed, on a machine that did other work, too.',
  ].join('\n');
}

function resultsOf({ name, runs }: Dataset): string {
  const own = comparable(runs);
  const lines = summary(own);
  const base = lines.find((line) => line.name === BASE_NAME);
  const [{ epochs, maxLength, rows, node, cpu }] = own;
  const distinct = (values: readonly string[]) => [...new Set(values)].sort().join(', ');
  const facts = `${rows.toLocaleString('en-US')} rows, ${epochs} epochs, ${maxLength} words of a text; commit ${distinct(own.map(({ commit }) => commit))}, ${distinct(own.map(({ date }) => date))}, Node ${node}, ${cpu}.`;
  const tags = own.some(({ recipe }) => recipe.help?.task === 'tag') ? ' --tags <tagged sentences>' : '';
  const command = `npm run bench -- ablation --name ${name} --data <train file> --test <test file>${tags} --epochs ${epochs} --max-length ${maxLength}`;
  const best = own.findLast(({ technique }) => technique === BEST_NAME);
  return [
    `### ${name}`,
    `${facts}\n\`${command}\``,
    ...(best ? [`The best combination: ${differences(best.recipe)}.`] : []),
    table(
      ['technique', 'test', 'lowest to highest', 'against the base', 'held back', 'seeds', 's an epoch'],
      lines.map((line) => cellsOfLine(line, base)),
    ),
  ].join('\n\n');
}

/** What a recipe has that the base has not. */
function differences(recipe: Recipe): string {
  const parts = Object.keys(recipe) as (keyof Recipe)[];
  const changed = parts.filter((part) => JSON.stringify(recipe[part]) !== JSON.stringify(BASE[part]));
  return changed.map((part) => `${part} \`${JSON.stringify(recipe[part])}\``).join(', ') || 'the base itself';
}

function cellsOfLine({ name, validation, test, runs, failed, secondsPerEpoch }: Line, base?: Line): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const gain = test && base?.test ? 100 * (test.mean - base.test.mean) : undefined;
  return [
    name,
    test ? percent(test.mean) : '–',
    test ? `${(100 * test.low).toFixed(1)} to ${(100 * test.high).toFixed(1)}` : '–',
    gain === undefined || name === BASE_NAME ? '' : `${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(1)}`,
    Number.isNaN(validation) ? '–' : percent(validation),
    failed > 0 ? `${runs}, ${failed} diverged` : String(runs),
    Number.isFinite(secondsPerEpoch) ? String(Number(secondsPerEpoch.toPrecision(3))) : '–',
  ];
}

function cellsOf({ name, says, source, options }: Entry): string[] {
  return [`\`${name}\``, says, options.map(optionOf).join('<br>'), source ?? ''];
}

function optionOf(option: EntryOption): string {
  const standard = 'type' in option || option.default === undefined ? '' : ` (${option.default ?? 'none'})`;
  return `\`${option.name}\`: ${rangeOf(option)}${standard}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');
}
