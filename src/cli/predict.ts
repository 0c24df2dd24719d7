import type { Command } from 'commander';
import type { Model } from '../model/model.ts';
import { type Prediction, predict, predictAll } from '../model/predict.ts';
import { readLines } from './lines.ts';
import { readModel } from './model-file.ts';
import { note, printAll } from './output.ts';

/** From so many texts on, a batch is worth the memory it is planned in. */
const BATCH = 32;

const HELP = `
Prints a line for each text: label, probability, text, with tabs between them.
Of a model whose texts can bear several labels: all of at least 0.5.
A text that begins with - goes behind --.

Examples:
  gatelet predict mood.safetensors "a joy to watch"
  gatelet predict mood.safetensors --json < reviews.txt > predictions.jsonl`;

/** Adds the verb `predict`. */
export function addPredict(program: Command): void {
  program
    .command('predict')
    .summary('classify texts')
    .description('Classifies texts, or the lines of standard input as they come.')
    .argument('<model>', 'a file that train wrote')
    .argument('[texts...]', 'texts to classify')
    .option('--json', 'print a JSON object a line, with the probabilities of all labels')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(path: string, texts: string[], flags: { json?: true }): Promise<void> {
  const model = await readModel(path);
  const answer = answerer(model, flags.json ? asJson : asLine);
  if (texts.length > 0) return answer(texts);
  if (process.stdin.isTTY) note('type a text and press Enter; Ctrl-D ends');
  for await (const lines of readLines(process.stdin)) await answer(lines);
}

function answerer(model: Model, format: (text: string, prediction: Prediction) => string) {
  let numTexts = 0;
  let saidTruncated = false;
  return async (texts: readonly string[]) => {
    const predictions =
      texts.length < BATCH ? texts.map((text) => predict(model, text)) : predictAll(model, texts);
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

function asJson(text: string, prediction: Prediction): string {
  return JSON.stringify({ ...prediction, text });
}

/** One line, whatever the text holds: nothing in it may end the line or move the cursor. */
function asLine(text: string, { labels, probabilities }: Prediction): string {
  const shares = labels.map((label) => probabilities[label].toFixed(4));
  return [labels.join(', '), shares.join(', '), text].map((cell) => cell.replace(/\p{Cc}/gu, ' ')).join('\t');
}
