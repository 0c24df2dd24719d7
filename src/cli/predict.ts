import type { Command } from 'commander';
import type { Model } from '../model/model.ts';
import { predict, predictAll } from '../model/predict.ts';
import type { Prediction } from '../model/prediction.ts';
import { checkWords } from '../model/rows.ts';
import { type Tagging, tag, tagAll } from '../model/tag.ts';
import { UsageError } from '../runtime/errors.ts';
import { replaceSpaces } from '../text/words.ts';
import { toNumber } from './flags.ts';
import { readLines } from './lines.ts';
import { readModel } from './model-file.ts';
import { note, printAll } from './output.ts';
import { inFlags } from './train-flags.ts';

/** From so many texts on, a batch is worth the memory it is planned in. */
const BATCH = 32;
/** Threads take a moment to start, so they are given so many lines at once. */
const LINES_FOR_THREADS = 5000;

interface PredictFlags {
  json?: true;
  threads?: number;
}

const HELP = `
Prints a line for each text: label, probability, text, with tabs between them.
Of a model whose texts can bear several labels: all of at least 0.5.
A tagger prints a line for each word of a text: word, tag, probability, and an
empty line behind the last. Its words stand between white space; for semantic
roles the predicate stands between <v> and </v>.
A text that begins with - goes behind --.

Examples:
  gatelet predict mood.safetensors "a joy to watch"
  gatelet predict mood.safetensors --json < reviews.txt > predictions.jsonl
  gatelet predict mood.safetensors --threads 2 < reviews.txt
  gatelet predict names.safetensors "Rain in New York"`;

/** Adds the verb `predict`. */
export function addPredict(program: Command): void {
  program
    .command('predict')
    .summary('classify texts, or tag their words')
    .description(
      'Classifies texts or tags their words; without texts, the lines of standard input as they come.',
    )
    .argument('<model>', 'a file that train wrote')
    .argument('[texts...]', 'texts to classify or to tag')
    .option('--json', 'print a JSON object a line, with the probabilities of all labels')
    .option(
      '--threads <number>',
      'that share the lines, which then wait for each other (default 1)',
      toNumber,
    )
    .addHelpText('after', HELP)
    .action(run);
}

async function run(path: string, texts: string[], { json, threads = 1 }: PredictFlags): Promise<void> {
  const model = await readModel(path);
  if (model.config.task === 'language') {
    throw new UsageError(`${path} says nothing of texts`, {
      cause: 'It is a language model, for others to begin with: train … --begin-with.',
    });
  }
  const answer =
    model.config.task === 'tag'
      ? tagger(model, threads, json)
      : answerer(model, threads, json ? asJson : asLine);
  if (texts.length > 0) return answer(texts);
  if (process.stdin.isTTY) note('type a text and press Enter; Ctrl-D ends');
  const groups = readLines(process.stdin);
  for await (const lines of threads === 1 ? groups : joined(groups, LINES_FOR_THREADS)) await answer(lines);
}

/** The same lines in groups of at least so many, but for the last. */
async function* joined(groups: AsyncIterable<string[]>, least: number): AsyncGenerator<string[]> {
  let lines: string[] = [];
  for await (const group of groups) {
    lines = lines.concat(group);
    if (lines.length < least) continue;
    yield lines;
    lines = [];
  }
  if (lines.length > 0) yield lines;
}

function predictBy(threads: number, model: Model, texts: readonly string[]) {
  if (threads !== 1) {
    return predictAll(model, texts, { threads }).catch((error) => {
      throw inFlags(error);
    });
  }
  return texts.length < BATCH ? texts.map((text) => predict(model, text)) : predictAll(model, texts);
}

function answerer(model: Model, threads: number, format: (text: string, prediction: Prediction) => string) {
  let numTexts = 0;
  let saidTruncated = false;
  return async (texts: readonly string[]) => {
    const predictions = await predictBy(threads, model, texts);
    const cut = predictions.findIndex(({ truncated }) => truncated);
    if (cut >= 0 && !saidTruncated) {
      const { maxLength } = model.config;
      note(
        `text ${numTexts + cut + 1} is longer than ${maxLength} words: only the beginning is read (said once)`,
      );
      saidTruncated = true;
    }
    numTexts += texts.length;
    await printAll(predictions.map((prediction, i) => format(texts[i], prediction)));
  };
}

/** Tags texts whose words stand between white space. @throws UsageError when there are threads: a tagger has none */
function tagger(model: Model, threads: number, json: true | undefined) {
  if (threads !== 1) throw new UsageError('--threads can do nothing for a tagger');
  let numTexts = 0;
  return async (texts: readonly string[]) => {
    const all = texts.map((text) => replaceSpaces(text, ' ').split(' ').filter(Boolean));
    const filled = all.filter((words) => words.length > 0);
    for (const [i, words] of all.entries()) {
      if (words.length > 0) checkWords(model.config, words, `text ${numTexts + i + 1}`);
    }
    const taggings = filled.length < BATCH ? filled.map((words) => tag(model, words)) : tagAll(model, filled);
    numTexts += texts.length;
    const said = taggings.values();
    // An empty line has no words: it stays one.
    const rows = all.map((words) => ({ words, ...(words.length > 0 ? said.next().value! : NOTHING) }));
    await printAll(rows.map((row) => (json ? JSON.stringify(row) : asColumns(row))));
  };
}

const NOTHING: Tagging = { tags: [], probabilities: [] };

function asColumns({ words, tags, probabilities }: Tagging & { words: readonly string[] }): string {
  const lines = words.map((word, i) => [word, tags[i], probabilities[i].toFixed(4)].map(visible).join('\t'));
  return [...lines, ''].join('\n');
}

function asJson(text: string, prediction: Prediction): string {
  return JSON.stringify({ ...prediction, text });
}

function asLine(text: string, { labels, probabilities }: Prediction): string {
  const shares = labels.map((label) => probabilities[label].toFixed(4));
  return [labels.join(', '), shares.join(', '), text].map(visible).join('\t');
}

/** Nothing in a cell may end the line or move the cursor. */
const visible = (cell: string) => cell.replace(/\p{Cc}/gu, ' ');
