// The adding problem (Hochreiter & Schmidhuber 1997): of a long row of numbers two are marked; what is their sum? The
// first mark stands in the first half, so whoever forgets cannot answer. RNN, GRU and LSTM learn it, and the gradient
// that reaches each step is drawn: where it has vanished, nothing is learnt. Then an RNN explodes, and is caught.
//   npm run adding
//   npm run adding -- --lengths 50,100 --epochs 20 --svg gradients.svg
import { parseArgs } from 'node:util';
import {
  adam,
  createModel,
  dense,
  evaluate,
  gradientFlow,
  gru,
  lstm,
  numbers,
  pool,
  rnn,
  sgd,
  TrainingError,
  train,
} from 'gatelet';
import { svgCurves, terminalCurves } from './curves.mjs';
import { writeWhole } from './output.mjs';
import { percent } from './scores.mjs';

const size = 32;
/** With a forget bias of 1 an LSTM forgets half of its state in two steps or three at first; with 3 in fourteen. */
const CELLS = { RNN: rnn({ size }), GRU: gru({ size }), LSTM: lstm({ size, forgetBias: 3 }) };
/** What the best answer that reads nothing, 1, gets as its mean squared error: twice the variance of a uniform number. */
const BLIND = 1 / 6;

const { lengths, epochs, svg } = commandLine();
const curves = [];
for (const length of lengths) curves.push(...(await race(length)));
console.log(`\n${terminalCurves(curves.slice(-3))}`);
if (svg !== undefined) {
  writeWhole(svg, svgCurves(curves));
  console.log(`\nWrote ${svg}`);
}
await explode(50);

/** Trains one cell after the other on rows of a length. @returns how their gradients flow when they have learnt */
async function race(length) {
  const training = rowsOf(2000, length, 1);
  const test = rowsOf(500, length, 2);
  console.log(`\n${length} numbers a row; an error of ${BLIND.toFixed(4)} takes no reading:`);
  const flows = [];
  for (const [name, cell] of Object.entries(CELLS)) {
    const model = await adder(length, cell);
    const options = { epochs, optimizer: adam({ learningRate: 5e-3 }), clipNorm: 1 };
    for await (const _ of train(model, training, options));
    const { loss, accuracy } = await evaluate(model, test);
    const [{ norms }] = gradientFlow(model, test).layers;
    const reach = `gradient ${scientific(norms[0])} at the last number, ${scientific(norms.at(-1))} at the first`;
    console.log(
      `  ${name.padEnd(4)}  error ${loss.toFixed(4)}  right ${percent(accuracy).padStart(7)}  ${reach}`,
    );
    flows.push({ name: `${name}, ${length} numbers`, values: norms });
  }
  return flows;
}

/** Two trainings with far too long steps: one explodes and ends in an error, the other is clipped. */
async function explode(length) {
  console.log('\nThe same with an RNN of relu, which nothing bounds, and steps of 1:');
  const rows = rowsOf(640, length, 1);
  for (const clip of [{}, { clipNorm: 1 }]) {
    const name = clip.clipNorm === undefined ? 'unclipped' : 'clipped';
    const model = await adder(length, rnn({ size: 32, activation: 'relu' }));
    try {
      for await (const _ of train(model, rows, { epochs: 3, optimizer: sgd({ learningRate: 1 }), ...clip }));
      const { loss } = await evaluate(model, rows);
      console.log(`  ${name.padEnd(9)}  error ${loss.toFixed(4)}`);
    } catch (error) {
      if (!(error instanceof TrainingError)) throw error;
      console.log(`  ${name.padEnd(9)}  ${error.message}`);
    }
    const { gradientNorm, layers } = gradientFlow(model, rows);
    const [{ norms }] = layers;
    const grown = `${scientific(norms[0])} at the last number, at most ${scientific(Math.max(...norms))}`;
    console.log(`  ${''.padEnd(9)}  norm of its gradient ${scientific(gradientNorm.mean)}: ${grown}`);
  }
}

function adder(length, cell) {
  return createModel({
    task: 'regress',
    maxLength: length,
    layers: [numbers({ features: 2 }), cell, pool({ over: 'last' }), dense({ units: 1 })],
  });
}

/** Rows of [number, mark]; the same seed gives the same rows. */
function rowsOf(count, length, seed) {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    const values = Array.from({ length }, () => [random(), 0]);
    const half = length / 2;
    const marked = [random() * half, half + random() * half].map(Math.floor);
    for (const at of marked) values[at][1] = 1;
    return { values, target: values[marked[0]][0] + values[marked[1]][0] };
  });
}

/** Numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function scientific(value) {
  return value.toExponential(1);
}

function commandLine() {
  try {
    const { values } = parseArgs({
      options: {
        lengths: { type: 'string', default: '50,100,200,400' },
        epochs: { type: 'string', default: '30' },
        svg: { type: 'string' },
      },
    });
    const lengths = values.lengths.split(',').map(Number);
    const epochs = Number(values.epochs);
    const isGood = (number, least) => Number.isInteger(number) && number >= least && number <= 5000;
    if (lengths.every((length) => isGood(length, 2)) && isGood(epochs, 1))
      return { ...values, lengths, epochs };
    throw new Error('--lengths and --epochs: expected whole numbers to 5,000, lengths from 2 on');
  } catch (error) {
    console.error(
      `npm run adding: ${error.message}\nSuch as: npm run adding -- --lengths 50,100 --epochs 20`,
    );
    process.exit(2);
  }
}
