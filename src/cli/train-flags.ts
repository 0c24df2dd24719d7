import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PoolOptions } from '../layers/pool.ts';
import type { TextClassifierOptions } from '../model/text-classifier.ts';
import type { TextReaderOptions } from '../model/text-reader.ts';
import type { TextTaggerOptions } from '../model/text-tagger.ts';
import type { CellName, TrunkOptions } from '../model/trunk.ts';
import { GateletError, UsageError } from '../runtime/errors.ts';
import type { TrainOptions } from '../train/options.ts';
import { addDataFlags, type DataFlags } from './data-flags.ts';
import { flagOf, toNumber } from './flags.ts';
import { checkModelName } from './model-file.ts';
import {
  AVERAGES,
  averageOf,
  checkOptimizerFlags,
  given,
  OPTIMIZER_FLAG_OF,
  OPTIMIZERS,
  type OptimizerFlags,
  optimizerOf,
  SCHEDULES,
  scheduleOf,
} from './optimizer-flags.ts';

/** The flags of `train`, as commander hands them over: undefined where not given. */
export interface TrainFlags extends DataFlags, OptimizerFlags {
  output: string;
  resume?: string;
  beginWith?: string;
  layerRates?: readonly number[];
  embedding?: number;
  cell?: CellName;
  lstm?: number;
  layers?: number;
  bidirectional?: true;
  attentionHeads?: number;
  pool?: NonNullable<PoolOptions['over']>;
  dropout?: number;
  batchNorm?: true;
  crf?: true;
  vocabulary?: number;
  minCount?: number;
  buckets?: number;
  keepCase?: true;
  stripAccents?: true;
  maxLength?: number;
  seed?: number;
  epochs?: number;
  batchSize?: number;
  batchTokens?: number;
  warmUp?: number;
  clipNorm?: number;
  clipValue?: number;
  classWeights?: 'balanced' | Record<string, number>;
  labelSmoothing?: number;
  mixup?: number;
  wordDropout?: number;
  reproducible?: true;
  threads?: number;
  validation?: number | string;
  earlyStopping?: number;
  metric?: 'loss' | 'accuracy';
}

export function addTrainFlags(command: Command): Command {
  command
    .optionsGroup('Files:')
    .requiredOption('-o, --output <file>', 'the model: a name that ends in .safetensors')
    .option('--resume <checkpoint>', 'go on where a training was interrupted')
    .option('--begin-with <model>', 'take over its words, and the first layers that are alike');
  return addDataFlags(command)
    .optionsGroup('Model:')
    .option('--embedding <size>', 'numbers for each word (default 64)', toNumber)
    .addOption(choice('--cell <lstm|gru|rnn|minGru|minLstm>', 'what reads the words (default lstm)'))
    .option('--lstm <size>', 'hidden size of each direction (default 64)', toNumber)
    .option('--layers <number>', 'such layers, one upon the other (default 1)', toNumber)
    .option('--bidirectional', 'read the text from its end, too')
    .option(
      '--attention-heads <number>',
      'of a self-attention; then the pool is the mean (default: none)',
      toNumber,
    )
    .addOption(choice('--pool <last|mean|max>', 'states to one vector (default last)'))
    .option('--dropout <share>', 'numbers dropped between layers (default 0)', toNumber)
    .option('--batch-norm', 'normalise that vector over the batch')
    .option('--crf', 'choose the tags of a text as a whole: .conll rows only')
    .option('--vocabulary <words>', 'words with a row of their own (default 10000)', toNumber)
    .option('--min-count <times>', 'how often these must occur (default 2)', toNumber)
    .option('--buckets <rows>', 'rows for n-grams of all others (default 2000)', toNumber)
    .option('--keep-case', 'tell upper case from lower case')
    .option('--strip-accents', 'read é as e')
    .option('--max-length <words>', 'words of a text that are read (default 256)', toNumber)
    .option('--seed <number>', 'the same seed, the same model (default 1)', toNumber)
    .optionsGroup('Training:')
    .option('--epochs <number>', 'times that every row is seen (default 10)', toNumber)
    .option('--batch-size <rows>', 'rows of a step (default 32)', toNumber)
    .option('--batch-tokens <words>', 'most words of a step (default: no limit)', toNumber)
    .addOption(choice(`--optimizer <${Object.keys(OPTIMIZERS).join('|')}>`, 'how to learn (default adam)'))
    .option('--learning-rate <rate>', 'how far a step goes (default: as the optimizer has it)', toNumber)
    .option(
      '--weight-decay <share>',
      'of each weight, times the rate: adamw and lion (default 0.01)',
      toNumber,
    )
    .option('--clip-norm <norm>', 'most global gradient norm (default: no limit)', toNumber)
    .option('--clip-value <value>', 'most of a number in a gradient (default: no limit)', toNumber)
    .addOption(choice(`--schedule <${Object.keys(SCHEDULES).join('|')}>`, 'change the learning rate'))
    .option('--warm-up <steps>', 'in which the rate rises from nothing (default 0)', toNumber)
    .option(
      '--decay <factor>',
      'by what: step, exponential, plateau (default: as the schedule has it)',
      toNumber,
    )
    .option('--decay-every <epochs>', 'how often: step only (default 5)', toNumber)
    .addOption(
      choice(`--average <${Object.keys(AVERAGES).join('|')}>`, 'of parameters, to give to the model'),
    )
    .option('--layer-rates <rates>', 'what the rate is multiplied by, layer by layer: 0,0,1', toNumbers)
    .option('--class-weights <weights>', 'balanced, or spam=2,ham=1 (default 1 each)', toClassWeights)
    .option('--label-smoothing <share>', 'of a target, to all labels (default 0)', toNumber)
    .option('--mixup <alpha>', 'mix texts of a batch, by Beta(alpha, alpha) (default 0)', toNumber)
    .option('--word-dropout <share>', 'words shown as if unknown (default 0)', toNumber)
    .option('--reproducible', 'the same bits on every engine, if slower')
    .option('--threads <number>', 'that share each step (default 1)', toNumber)
    .optionsGroup('Validation:')
    .option('--validation <share|file>', 'rows to hold back, or a file of others', toShareOrFile)
    .option('--early-stopping <epochs>', 'stop when so many were no better; keep the best', toNumber)
    .addOption(choice('--metric <loss|accuracy>', 'what the best epoch is best in (default loss)'));
}

/** Refuses flags that cannot act beside the others. @throws UsageError */
export function checkTrainFlags(flags: TrainFlags): void {
  checkModelName(flags.output);
  const needs = (flag: string, value: unknown, needed: string, isThere: boolean) => {
    if (value !== undefined && !isThere) throw new UsageError(`${flag} can do nothing without ${needed}`);
  };
  checkOptimizerFlags(flags);
  needs('--early-stopping', flags.earlyStopping, '--validation', flags.validation !== undefined);
  needs('--metric', flags.metric, '--early-stopping', flags.earlyStopping !== undefined);
}

/** What the flags say of a classifier. @throws UsageError when one is for taggers */
export function classifierOptions(flags: TrainFlags): Omit<TextClassifierOptions, 'labels'> {
  refuse(flags, ['crf'], 'labels of texts: it chooses the tags of words');
  const { attentionHeads, pool, batchNorm } = flags;
  return { ...trunkOptions(flags), ...given({ attentionHeads, pool, batchNorm }) };
}

/** What the flags say of a tagger. @throws UsageError when one is for classifiers */
export function taggerOptions(flags: TrainFlags): Omit<TextTaggerOptions, 'labels'> {
  refuse(flags, ['attentionHeads', 'pool', 'batchNorm'], 'tags of words, which have a state each');
  return { ...trunkOptions(flags), ...given({ crf: flags.crf }) };
}

/** What the flags say of a language model. @throws UsageError when one is for others */
export function readerOptions(flags: TrainFlags): TextReaderOptions {
  const where = 'texts alone, which bear no labels';
  refuse(flags, ['attentionHeads', 'pool', 'batchNorm', 'crf', 'classWeights', 'labelSmoothing'], where);
  return trunkOptions(flags);
}

function refuse(flags: TrainFlags, names: (keyof TrainFlags)[], where: string): void {
  const idle = names.find((name) => flags[name] !== undefined);
  if (idle === undefined) return;
  throw new UsageError(`${flagOf(idle)} can do nothing for ${where}`);
}

function trunkOptions(flags: TrainFlags): Omit<TrunkOptions, 'labels'> {
  const { embedding, cell, lstm, layers: lstmLayers, bidirectional, dropout } = flags;
  const { vocabulary, minCount, buckets, maxLength, seed } = flags;
  return given({
    ...{ embedding, cell, lstm, lstmLayers, bidirectional, dropout, vocabulary, maxLength, seed },
    tokenizer: given({
      minCount,
      buckets,
      lowercase: flags.keepCase && false,
      accents: flags.stripAccents && ('strip' as const),
    }),
  });
}

/** What the flags say of the training, but for rows to validate on. */
export function trainOptions(flags: TrainFlags): Omit<TrainOptions, 'validation'> {
  const { epochs, batchSize, batchTokens, clipNorm, classWeights, labelSmoothing, wordDropout } = flags;
  const { mixup, warmUp, clipValue, earlyStopping: patience, metric, reproducible, threads } = flags;
  const { layerRates } = flags;
  return given({
    ...{ epochs, batchSize, batchTokens, clipNorm, classWeights, labelSmoothing, wordDropout },
    ...{ mixup, warmUp, clipValue, layerRates, reproducible, threads },
    optimizer: optimizerOf(flags),
    schedule: scheduleOf(flags),
    average: averageOf(flags),
    earlyStopping: patience === undefined ? undefined : { patience, ...given({ metric }) },
  });
}

/** How errors of the library begin, and the flag that the user typed. */
const FLAG_OF: Readonly<Record<string, string>> = {
  'embedding size': '--embedding',
  'lstm size': '--lstm',
  'gru size': '--lstm',
  'rnn size': '--lstm',
  'minGru size': '--lstm',
  'minLstm size': '--lstm',
  lstmLayers: '--layers',
  'attention heads': '--attention-heads',
  'dropout rate': '--dropout',
  'tokenizer option "maxWords"': '--vocabulary',
  'tokenizer option "minCount"': '--min-count',
  'tokenizer option "buckets"': '--buckets',
  maxLength: '--max-length',
  seed: '--seed',
  epochs: '--epochs',
  batchSize: '--batch-size',
  batchTokens: '--batch-tokens',
  ...OPTIMIZER_FLAG_OF,
  warmUp: '--warm-up',
  clipNorm: '--clip-norm',
  clipValue: '--clip-value',
  classWeights: '--class-weights',
  labelSmoothing: '--label-smoothing',
  mixup: '--mixup',
  wordDropout: '--word-dropout',
  threads: '--threads',
  'gradientFlow batchSize': '--batch-size',
  'gradientFlow clipNorm': '--clip-norm',
  validation: '--validation',
  'earlyStopping patience': '--early-stopping',
  layerRates: '--layer-rates',
  'transfer()': '--begin-with',
};

/** What the library advises, for those who do not write code. */
const PHRASES = [
  ['clipNorm: 1', '--clip-norm 1'],
  ['maxLength ', '--max-length '],
  ['. Use load() to read it.', ''],
] as const;

/** Says an error of the library in flags. */
export function inFlags(error: unknown): unknown {
  if (!(error instanceof GateletError)) return error;
  const subject = Object.keys(FLAG_OF).find((name) => new RegExp(`^${name}(?!\\w)`).test(error.message));
  if (subject) error.message = FLAG_OF[subject] + error.message.slice(subject.length);
  for (const [said, typed] of PHRASES) error.message = error.message.replace(said, typed);
  return error;
}

/** An option that takes one of the words between its angle brackets. */
function choice(flags: string, description: string): Option {
  return new Option(flags, description).choices(flags.slice(flags.indexOf('<') + 1, -1).split('|'));
}

function toShareOrFile(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

function toNumbers(text: string): number[] {
  return text.split(',').map(toNumber);
}

function toClassWeights(text: string): 'balanced' | Record<string, number> {
  if (text === 'balanced') return text;
  const pairs = text.split(',').map((pair) => {
    const at = pair.lastIndexOf('=');
    if (at < 1) throw new InvalidArgumentError('Write balanced, or label=weight,label=weight.');
    return [pair.slice(0, at).trim(), toNumber(pair.slice(at + 1))];
  });
  return Object.fromEntries(pairs);
}
