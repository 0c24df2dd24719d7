// Measured rows as Markdown. Numbers have three digits.

const shown = (value) => String(Number(value.toPrecision(value < 1000 ? 3 : 4)));
const isMet = ({ value, goal, better }) => (better === 'lower' ? value <= goal : value >= goal);

/** A number, bold where it meets its goal, which stands beside it. */
function cell(row) {
  if (row === undefined) return '–';
  if (row.goal === undefined) return shown(row.value);
  return `${isMet(row) ? `**${shown(row.value)}**` : shown(row.value)} (${shown(row.goal)})`;
}

const line = (cells) => `| ${cells.join(' | ')} |\n`;
const table = (head, rows) =>
  `${line(head)}|${head.map((_, column) => (column === 0 ? '---' : '--:')).join('|')}|\n${rows.map(line).join('')}`;
const NONE = 'Not measured yet.\n';

/** What the rows before a suite's own say. */
export function machine([peak, ...rows]) {
  if (peak === undefined) return NONE;
  const { date, cpu, node, value } = peak;
  const relaxed = rows.find(({ name }) => name === 'calibrated peak, relaxed');
  const flag = relaxed?.engine === undefined ? '' : `; ${relaxed.engine}`;
  const peaks = relaxed ? `${value} GFLOP/s, with relaxed SIMD ${relaxed.value}` : `${value} GFLOP/s`;
  return `${date}, ${cpu}, Node ${node.slice(1)}; peak of one core ${peaks}${flag}.\n`;
}

/** Which libraries took part, and why the others did not. */
export function versions(rows) {
  const first = rows.filter(({ version }) => version !== undefined);
  const others = first
    .filter(({ name }) => !name.includes('gatelet'))
    .map((row) => [named(row), row.version]);
  const absent = first.find(({ absent }) => absent !== undefined)?.absent;
  const list = others.map(([name, version]) => `${name} ${version}`).join('; ');
  return `${list}.${absent === undefined ? '' : ` Not measured: ${absent}.`}\n`;
}

const LIBRARIES = { tfjs: 'TensorFlow.js' };
const taskOf = ({ name }) => name.slice(0, name.lastIndexOf(', '));
const named = ({ name }) => {
  const library = name.slice(name.lastIndexOf(', ') + 2);
  return LIBRARIES[library] ?? library;
};

const PREDICTION = {
  'first answer, ms': 'first answer',
  'one text, ms': 'batch 1',
  '99th percentile, ms': 'batch 1, 99th percentile',
  '32 texts at once, texts/s': 'batch 32',
};
const TRAINING = {
  'step, ms': 'training step',
  'two threads, ms': 'training step, two threads',
  'real lengths, ms': 'training step, real lengths',
  'full model, ms': 'training step, full model',
  'peak memory, MiB': 'peak memory in training',
};

export const predictionTable = (rows) => libraryTable(rows, PREDICTION);
export const trainingTable = (rows) => libraryTable(rows, TRAINING);

/** A line for each library, a column for each task. */
function libraryTable(rows, tasks) {
  const cells = new Map();
  for (const row of rows) {
    const column = Object.values(tasks).indexOf(taskOf(row));
    if (column < 0 || row.name.includes('how much faster')) continue;
    const name = named(row);
    if (!cells.has(name)) cells.set(name, new Array(Object.keys(tasks).length));
    cells.get(name)[column] = row;
  }
  if (cells.size === 0) return NONE;
  const lines = [...cells].map(([name, own]) => [name, ...Array.from(own, cell)]);
  return table(['', ...Object.keys(tasks)], lines);
}

/** What is raced, in the words of its rows and of people. */
const TASKS = {
  'first answer': 'first answer',
  'batch 1': 'one text',
  'batch 32': '32 texts at once',
  'training step': 'training step',
  'training step, two threads': 'training step, two threads',
  'training step, real lengths': 'training step, real lengths',
  'training step, full model': 'training step, full model',
};
const OURS = { f32: /^gatelet(\/infer)?( relaxed)?$/, int8: /^gatelet(\/infer)? int8( relaxed)?$/ };

/** How many times as long the others take as the fastest of our builds does. */
export function besideTable(rows) {
  const raced = rows.filter(({ timesGatelet }) => timesGatelet !== undefined);
  const others = [...new Set(raced.map(named))].filter((name) => !name.startsWith('gatelet'));
  const lines = Object.entries(TASKS).flatMap(([task, words]) => {
    const racers = new Map(
      raced.filter((row) => taskOf(row) === task).map((row) => [named(row), row.timesGatelet]),
    );
    return Object.entries(OURS).flatMap(([weights, pattern]) => {
      const ours = [...racers].filter(([racer]) => pattern.test(racer)).map(([, ratio]) => ratio);
      if (ours.length === 0) return [];
      const best = Math.min(...ours);
      const cells = others.map((other) => (racers.has(other) ? times(racers.get(other) / best) : '–'));
      return [[weights === 'f32' ? words : `${words}, ours int8`, ...cells]];
    });
  });
  return lines.length === 0 ? NONE : table(['', ...others], lines);
}

const times = (ratio) => (ratio >= 1 ? `**${shown(ratio)} × slower**` : `${shown(1 / ratio)} × faster`);

const RELAXED = ', relaxed';

/** A line for each row of a suite, plain and relaxed beside each other. */
export function aloneTable(rows) {
  const own = rows.filter(({ name }) => !name.startsWith('calibrated peak'));
  if (own.length === 0) return NONE;
  const relaxed = new Map(own.filter(isRelaxed).map((row) => [row.name.slice(0, -RELAXED.length), row]));
  const plain = own.filter((row) => !isRelaxed(row));
  if (relaxed.size === 0)
    return table(
      ['', '', ''],
      plain.map((row) => [row.name, cell(row), row.unit]),
    );
  const lines = plain.map((row) => [row.name, cell(row), cell(relaxed.get(row.name)), row.unit]);
  return table(['', 'plain', 'relaxed', ''], lines);
}

const isRelaxed = ({ name }) => name.endsWith(RELAXED);

/** Every goal, and how far from it we are. */
export function goals(suites) {
  const promised = suites.flat().filter(({ goal }) => goal !== undefined);
  const short = ({ suite, name, value, unit, goal }) =>
    `${suite}: ${name}: ${shown(value)} ${unit}, goal ${shown(goal)}`;
  const met = promised.filter(isMet);
  const missed = promised
    .filter((row) => !isMet(row))
    .map((row) => ({ row, times: row.better === 'lower' ? row.value / row.goal : row.goal / row.value }))
    .sort((a, b) => a.times - b.times);
  return (
    `Of ${promised.length} goals ${met.length} are met.\n\n` +
    `<details><summary>Met</summary>\n\n${met.map((row) => `- ${short(row)}\n`).join('')}\n</details>\n` +
    `<details><summary>Missed, and how many times over</summary>\n\n` +
    `${missed.map(({ row, times }) => `- ${times.toFixed(2)}: ${short(row)}\n`).join('')}\n</details>\n`
  );
}

const PRODUCTS = {
  'recurrent step (32, 1024, 256)': 'recurrent step (32,1024,256)',
  'input projection (3200, 1024, 128)': 'input projection (3200,1024,128)',
  'input gradient (3200, 256, 1024)': 'input gradient (3200,256,1024)',
  'recurrent weight gradient, AᵀB (256, 1024, 3200), packing included':
    'recurrent weight gradient AᵀB (256,1024,3200)',
  'input weight gradient, AᵀB (128, 1024, 3200), packing included':
    'input weight gradient AᵀB (128,1024,3200)',
};
const STEPS = {
  'vocabulary 10,000, embedding 128, LSTM 256, 100 words a text': 'train step',
  'the same, as a share of the peak, %': 'train step, share of peak',
  'the same, two threads': 'train step, two threads',
  'the same, texts of 10 to 100 words': 'train step, texts of 10 to 100 words',
  'the same with attention, dropout and batch norm': 'train step, full model',
  'embedding 64, LSTM 2 × 64, texts of 10 to 100 words': 'train step, small model (embedding 64, LSTM 2×64)',
};

/** The README's: products and steps. */
export function speedTables(kernels, steps) {
  const lines = (rows, names) => {
    const find = (name) => rows.find((row) => row.name === name);
    return Object.entries(names).map(([says, name]) => [says, cell(find(name)), cell(find(name + RELAXED))]);
  };
  const products = table(['product (m, n, k), % of peak', 'plain', 'relaxed'], lines(kernels, PRODUCTS));
  const training = table(['training step, batch 32, ms', 'plain', 'relaxed'], lines(steps, STEPS));
  return `${machine(kernels)}\n${products}\n${training}`;
}
