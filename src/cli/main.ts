import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { GateletError, UsageError } from '../runtime/errors.ts';
import { addEvaluate } from './evaluate.ts';
import { fileError } from './file-error.ts';
import { addInspect } from './inspect.ts';
import { addLayers } from './layers.ts';
import { addPredict } from './predict.ts';
import { addQuantize } from './quantize.ts';
import { addTrain } from './train.ts';

const HELP = `
Examples:
  gatelet train reviews.csv --text review --label sentiment -o mood.safetensors
  gatelet evaluate mood.safetensors test.tsv
  gatelet predict mood.safetensors "a joy to watch"
  gatelet inspect mood.safetensors
  gatelet quantize mood.safetensors -o small.safetensors

Exit codes: 0 when all went well, 1 for trouble with data, files or training,
2 for usage, 130 after Ctrl-C.`;

const program = new Command('gatelet')
  .description('Trains and runs LSTM text classifiers.')
  .version(manifest.version, '-V, --version', 'print the version')
  .addHelpText('after', HELP)
  // Descriptions say all there is: the defaults are the library's, the choices stand in the flags.
  .configureHelp({ optionDescription: ({ description }) => description })
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'gatelet: ')) });
for (const addVerb of [addTrain, addEvaluate, addPredict, addInspect, addQuantize, addLayers])
  addVerb(program);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader such as `head` that has seen enough is no error.
  process.exit(error.code === 'EPIPE' ? 0 : report(fileError('cannot write standard output', error)));
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong. @returns the exit code */
function report(error: unknown): number {
  // Commander has printed its own errors, help and version already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  console.error(error instanceof GateletError ? `gatelet: ${error.message}` : error);
  return error instanceof UsageError ? 2 : 1;
}
