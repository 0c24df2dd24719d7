import { Command, type Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/cli/catalogue.generated.ts';
import { AVERAGES, OPTIMIZERS, SCHEDULES } from '../../src/cli/optimizer-flags.ts';
import {
  addTrainFlags,
  checkTrainFlags,
  classifierOptions,
  inFlags,
  type TrainFlags,
  trainOptions,
} from '../../src/cli/train-flags.ts';
import { textClassifier } from '../../src/model/text-classifier.ts';
import { TrainingError } from '../../src/runtime/errors.ts';
import { adamW } from '../../src/train/optimizers/adam.ts';
import { trainSettings } from '../../src/train/options.ts';
import { stepDecay } from '../../src/train/schedules/decay.ts';

const labels = ['a', 'b'];
const options: readonly Option[] = addTrainFlags(new Command()).options;

/** Hands flags to the library, as the verb does. */
async function settle(...args: string[]) {
  const command = addTrainFlags(new Command()).parse(['-o', 'x.safetensors', ...args], { from: 'user' });
  const { validation, ...flags } = command.opts<TrainFlags>();
  const { config } = await textClassifier({ ...classifierOptions(flags as TrainFlags), labels });
  const share = validation === undefined ? {} : { validation: validation as number };
  return { config, settings: trainSettings(config, { ...trainOptions(flags as TrainFlags), ...share }) };
}

describe('numbers out of range', () => {
  const NEEDED: Record<string, string[][]> = {
    '--decay': [
      ['--schedule', 'step'],
      ['--schedule', 'exponential'],
      ['--schedule', 'plateau', '--validation', '0.5'],
    ],
    '--decay-every': [['--schedule', 'step']],
    '--learning-rate': Object.keys(OPTIMIZERS).map((name) => ['--optimizer', name]),
    '--weight-decay': [
      ['--optimizer', 'adamw'],
      ['--optimizer', 'lion'],
    ],
    '--early-stopping': [['--validation', '0.5']],
  };
  const cases = options
    .filter(({ parseArg, argChoices, long }) => parseArg && !argChoices && long !== '--roles') // the reader's
    .flatMap(({ long }) => (NEEDED[long!] ?? [[]]).map((others) => [long!, others] as const));

  test('are tried of every flag that takes one', () => expect(cases.length).toBeGreaterThan(20));

  test.each(cases)('%s %j is called by its flag in errors', async (flag, others) => {
    const value = flag === '--class-weights' ? 'a=-1' : '-1';
    const error = await settle(...others, flag, value).catch(inFlags);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(new RegExp(`^${flag}( of "a")?: expected `));
  });
});

test('what the library advises is said in flags', async () => {
  const error = new TrainingError('x', { step: 1, epoch: 1, cause: 'Try clipNorm: 1.' });
  expect((inFlags(error) as Error).message).toBe('x. Try --clip-norm 1.');
  expect(inFlags(null)).toBe(null);
});

test.each(['lstm', 'gru', 'rnn', 'minGru', 'minLstm'])(
  '--cell %s is that layer, and its size is --lstm',
  async (cell) => {
    const { config } = await settle('--cell', cell, '--lstm', '9');
    expect(config.layers[1]).toMatchObject({ kind: cell, options: { size: 9 } });
    const error = await settle('--cell', cell, '--lstm', '0').catch(inFlags);
    expect((error as Error).message).toMatch(/^--lstm: expected /);
  },
);

test('the defaults that the help names are those of the library', async () => {
  const { config, settings } = await settle();
  const stops = await settle('--validation', '0.1', '--early-stopping', '1');
  const { tokenizer, layers } = config;
  const kinds = layers.map(({ kind }) => kind);
  expect(kinds).toEqual(['embedding', 'lstm', 'pool', 'dense']); // one LSTM, no dropout
  expect(settings).toMatchObject({ clipNorm: Infinity, classWeights: {}, schedule: { kind: 'constant' } });
  const defaults: Record<string, unknown> = {
    '--embedding': layers[0].options.size,
    '--cell': layers[1].kind,
    '--lstm': layers[1].options.size,
    '--layers': 1,
    '--pool': layers[2].options.over,
    '--dropout': 0,
    '--vocabulary': tokenizer.maxWords,
    '--min-count': tokenizer.minCount,
    '--buckets': tokenizer.buckets,
    '--max-length': config.maxLength,
    '--seed': config.seed,
    '--epochs': settings.epochs,
    '--batch-size': settings.batchSize,
    '--optimizer': settings.optimizer.kind,
    '--weight-decay': adamW().options.weightDecay,
    '--warm-up': settings.warmUp,
    '--decay-every': stepDecay().options.every,
    '--class-weights': '1 each',
    '--label-smoothing': settings.labelSmoothing,
    '--mixup': settings.mixup,
    '--word-dropout': settings.wordDropout,
    '--threads': settings.threads,
    '--metric': stops.settings.earlyStopping?.metric,
    // Those of the readers, which have tests of their own.
    '--text': 'text',
    '--label': 'label',
    '--delimiter': ',',
    '--encoding': 'utf-8',
  };
  const named = options.flatMap(({ long, description }) => {
    const value = /\((?:default|.* default) (.*)\)$/.exec(description)?.[1];
    return value === undefined ? [] : [[long!, value]];
  });
  const wanted = Object.entries(defaults).map(([flag, value]) => [flag, String(value)]);
  expect(Object.fromEntries(named)).toEqual(Object.fromEntries(wanted));
});

test('every optimiser, schedule and average has a name on the command line', () => {
  const listed = (wanted: string) =>
    CATALOGUE.filter(({ kind, name }) => kind === wanted && name !== 'constantRate').map(({ name }) => name);
  expect(
    Object.values(OPTIMIZERS)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(listed('optimizer').sort());
  expect(
    Object.values(SCHEDULES)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(listed('schedule').sort());
  expect(
    Object.values(AVERAGES)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(listed('average').sort());
});

test('flags that an optimiser or a schedule cannot act on are refused', () => {
  const check = (flags: object) => () => checkTrainFlags({ output: 'x.safetensors', ...flags } as TrainFlags);
  expect(check({ weightDecay: 0.1 })).toThrow('--weight-decay can do nothing without --optimizer adamw|lion');
  expect(check({ decay: 0.1, schedule: 'cosine' })).toThrow(
    '--decay can do nothing without --schedule step|exponential|plateau',
  );
  expect(check({ decayEvery: 2, schedule: 'exponential' })).toThrow(/^--decay-every can do nothing/);
  expect(check({ decay: 0.1, schedule: 'plateau' })).not.toThrow();
});
