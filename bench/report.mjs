// npm run report [-- --check]
// Writes what docs/performance.md and README.md say of bench/results, between their marks, and the plots. With --check it
// writes nothing and fails where a file is not what it would write.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawScaling } from './plots.mjs';
import {
  aloneTable,
  besideTable,
  goals,
  machine,
  predictionTable,
  speedTables,
  trainingTable,
  versions,
} from './tables.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** A suite's rows as they were measured last; none before the first time. */
function results(suite) {
  const file = join(root, 'bench', 'results', `${suite}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

const ALONE = ['predict', 'step', 'train', 'startup', 'memory', 'tokenize', 'norms', 'kernels'];

/** What stands between <!-- name --> and <!-- /name --> of a page. */
const PAGES = {
  'docs/performance.md': {
    machine: () => machine(results('peers')),
    versions: () => versions(results('peers')),
    goals: () => goals(['peers', ...ALONE].map(results)),
    prediction: () => predictionTable(results('peers')),
    beside: () => besideTable(results('peers')),
    training: () => trainingTable(results('peers')),
    ...Object.fromEntries(ALONE.map((suite) => [suite, () => aloneTable(results(suite))])),
  },
  'README.md': {
    speed: () => speedTables(results('kernels'), results('step')),
    versions: () => versions(results('peers')),
    beside: () => besideTable(results('peers')),
  },
};

/** Every file that comes from the results, and what it has to hold. */
function* files() {
  for (const [page, parts] of Object.entries(PAGES)) {
    let text = readFileSync(join(root, page), 'utf8');
    for (const [name, write] of Object.entries(parts)) text = filled(page, text, name, write());
    yield [page, text];
  }
  for (const [axis, svg] of drawScaling(results('scaling'))) yield [`docs/plots/cost-${axis}.svg`, svg];
}

function filled(page, text, name, content) {
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${page} has no part '${name}'`);
  return `${text.slice(0, start + open.length)}${content}${text.slice(end)}`;
}

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
for (const [name, content] of files()) {
  const file = join(root, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === content) continue;
  if (values.check) {
    console.error(`${name} is not what bench/results say: npm run report`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    console.error(`wrote ${name}`);
  }
}
