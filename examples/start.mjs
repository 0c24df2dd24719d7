// `npm start` trains on real texts, compares itself with naive Bayes and writes a model to go on with.
//   npm start               reviews: for or against
//   npm start -- spam       mails: wanted or not
//   npm start -- --seeds 5  only measures: the mean over five trainings
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { evaluate, GateletError, predict, save, textClassifier, train } from 'gatelet';
import { bayesClassifier } from './naive-bayes.mjs';
import { checkWritable, OutputError, writeWhole } from './output.mjs';
import { showProgress } from './progress.mjs';
import { reviews } from './reviews.mjs';
import { measure, percent } from './scores.mjs';
import { spam } from './spam.mjs';

const LESSONS = { reviews, spam };
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

class Misuse extends Error {}

try {
  const { lesson, seeds } = commandLine(process.argv.slice(2));
  await (seeds ? compareSeeds(lesson, seeds) : teach(lesson));
} catch (error) {
  const isExpected = [Misuse, OutputError, GateletError].some((kind) => error instanceof kind);
  console.error(isExpected ? error.message : error);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}

/** Trains once, shows what came of it and writes the model. */
async function teach(lesson) {
  const { noun, file, label, unseen, next } = lesson;
  checkWritable(file);
  const { training, test } = introduce(lesson);

  const start = performance.now();
  const model = await learn(lesson, training, 1);
  console.log(`\nTrained in ${((performance.now() - start) / 1000).toFixed(1)} s.\n`);

  const { accuracy, classes } = await evaluate(model, test);
  const scores = {
    LSTM: { accuracy, ...classes[label] },
    'naive Bayes': measure(test, bayesClassifier(training), label),
  };
  console.log(`On the ${test.length} ${noun} held back; naive Bayes counts words and pairs of words:`);
  for (const [name, { accuracy, precision, recall }] of Object.entries(scores)) {
    const details = `${label}: precision ${percent(precision)}, recall ${percent(recall)}`;
    console.log(`  ${name.padEnd(11)}  accuracy ${percent(accuracy)}   ${details}`);
  }

  console.log(`\n${noun[0].toUpperCase()}${noun.slice(1)} that nobody trained on:`);
  for (const text of unseen) {
    const { label, probability } = predict(model, text);
    console.log(`  ${label.padEnd(8)} ${percent(probability).padStart(7)}  ${text}`);
  }

  writeWhole(file, save(model));
  console.log(`\nWrote ${file}. Type next:\n  node ${relative('', CLI)} predict ${file} "${next}"`);
}

/** Trains with one seed after another. */
async function compareSeeds(lesson, seeds) {
  const { training, test } = introduce(lesson);
  const accuracies = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { accuracy } = await evaluate(await learn(lesson, training, seed), test);
    console.log(`seed ${seed}: test accuracy ${percent(accuracy)}\n`);
    accuracies.push(accuracy);
  }
  const bayes = measure(test, bayesClassifier(training), lesson.label).accuracy;
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy) / seeds;
  console.log(`On the ${test.length} ${lesson.noun} held back:`);
  console.log(`  LSTM         accuracy ${percent(mean)}, the mean over ${seeds} seeds`);
  console.log(`  naive Bayes  accuracy ${percent(bayes)}`);
}

/** Says what the texts are, and splits them. */
function introduce({ title, credits, split }) {
  const { training, test, rule } = split();
  console.log(`${title}\n${credits.map((line) => `  ${line}\n`).join('')}`);
  console.log(`${training.length} to learn from, ${test.length} to test on: ${rule}\n`);
  return { training, test };
}

async function learn({ labels, model: options, training }, rows, seed) {
  const model = await textClassifier({ ...options, labels, seed });
  const progress = showProgress(training.epochs);
  for await (const epoch of train(model, rows, { ...training, onStep: progress.step })) progress.epoch(epoch);
  progress.stop();
  return model;
}

/** @throws Misuse when the words on the command line mean nothing */
function commandLine(args) {
  const { values, positionals } = parse(args);
  const [name = 'reviews', ...others] = positionals;
  if (!Object.hasOwn(LESSONS, name) || others.length > 0) {
    throw misuse(`there is nothing called '${positionals.join(' ')}'`);
  }
  const { seeds } = values;
  if (seeds !== undefined && !/^[1-9]\d?$/.test(seeds)) {
    throw misuse(`--seeds: expected a number from 1 to 99, got '${seeds}'`);
  }
  return { lesson: LESSONS[name], seeds: seeds && Number(seeds) };
}

function parse(args) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { seeds: { type: 'string' } } });
  } catch (error) {
    throw misuse(error.message);
  }
}

function misuse(what) {
  const lessons = Object.entries(LESSONS).map(([name, { title }]) => [`npm start -- ${name}`, title]);
  const commands = [
    ...lessons,
    ['npm start -- <name> --seeds 5', 'Only measures: the mean over 5 trainings'],
  ];
  const lines = commands.map(([command, meaning]) => `\n  ${command.padEnd(31)}${meaning}`);
  return new Misuse(`npm start: ${what}\nWhat there is:${lines.join('')}`);
}
