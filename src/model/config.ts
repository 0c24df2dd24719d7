import type { Layer, WeightKind } from '../layers/layer.ts';
import { checkDeclared, type DeclaredOptions } from '../runtime/declared.ts';
import { show, UsageError } from '../runtime/errors.ts';
import { type TokenizerOptions, tokenizerOptions } from '../text/options.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { featuresOf, type NetworkSpec, outputShape } from './network-plan.ts';
import { checkPairs } from './pairs.ts';
import { checkLayersFor, TASKS, type Task } from './task.ts';

/** Everything about a model but what it has learnt. */
export interface ModelConfig {
  readonly task: Task;
  /** Of a text, or the tags of its words; none for the other tasks. */
  readonly labels: readonly string[];
  /** A text can bear any number of labels at once. */
  readonly multiLabel: boolean;
  /** Numbers that `regress` asks for. */
  readonly outputs: number;
  /** How near such a number must be to count as right. */
  readonly tolerance: number;
  /** Words of a text that count; the rest is cut off. */
  readonly maxLength: number;
  readonly tokenizer: TokenizerOptions;
  readonly layers: readonly Layer[];
  readonly seed: number;
  /** `i8` of a model that quantize() made. */
  readonly weights: WeightKind;
}

/** What {@link createModel} takes. */
export interface ModelOptions {
  /**
   * `classify` says which label a text bears, `tag` which each of its words, `regress` tells numbers, `language`
   * learns which words stand beside each other, for other models to begin with. Default `classify`.
   */
  readonly task?: Task;
  /** To `classify` and to `tag`: the labels, two or more (one is enough with `multiLabel`); their order is kept. */
  readonly labels?: readonly string[];
  /** A text can bear any number of labels at once. Default false. */
  readonly multiLabel?: boolean;
  /** To `regress`: how many numbers. Default 1. */
  readonly outputs?: number;
  /**
   * To `regress`: how near a number must be to count as right, which is all that accuracy means there. Default 0.04,
   * which the adding problem takes (Hochreiter & Schmidhuber 1997).
   */
  readonly tolerance?: number;
  /** Words of a text that count; the rest is cut off. Default 256. */
  readonly maxLength?: number;
  /** How texts become words and words become rows of the embedding table. */
  readonly tokenizer?: Partial<TokenizerOptions>;
  /**
   * From embedding() to dense({ units }) with one unit a label; one unit in all for two labels of a text. To `tag` no
   * pool(); to `regress` one unit for each output, and numbers() may stand first; a `language` model ends in
   * neighbours().
   */
  readonly layers: readonly Layer[];
  /** The same seed and rows give the same model, bit for bit. Default 1. */
  readonly seed?: number;
}

/** The options that only some tasks have. */
const OF_TASK = {
  labels: ['classify', 'tag'],
  multiLabel: ['classify'],
  outputs: ['regress'],
  tolerance: ['regress'],
} as const satisfies Partial<Record<keyof ModelOptions, readonly Task[]>>;

/** The longest text a model may be planned for; memory is reserved for it. */
const MAX_LENGTH = 65_536;

/** What createModel() may be told. Labels and tokenizer are looked at when the rest is known. */
const DECLARED = {
  task: { is: TASKS, default: 'classify' },
  labels: { is: (_name, labels) => labels },
  multiLabel: { is: 'flag', default: false },
  outputs: { is: 'whole', from: 1, to: 65_536, default: 1 },
  tolerance: { is: 'positive', default: 0.04 },
  maxLength: { is: 'whole', from: 1, to: MAX_LENGTH, default: 256 },
  tokenizer: { is: (_name, tokenizer) => tokenizer as ModelOptions['tokenizer'] },
  layers: { is: checkLayers },
  seed: { is: 'whole', from: 0, to: 0xffff_ffff, default: 1 },
} as const satisfies DeclaredOptions;

/** Checks options and fills in the defaults. @throws UsageError naming what is wrong */
export function modelConfig(options: ModelOptions): ModelConfig {
  const checked = checkDeclared('createModel()', DECLARED, options);
  const { task, layers, labels, multiLabel, tokenizer } = checked;
  for (const [name, tasks] of Object.entries(OF_TASK)) {
    if (options[name as keyof ModelOptions] === undefined || (tasks as readonly Task[]).includes(task))
      continue;
    throw new UsageError(`the option "${name}" cannot act with the task '${task}'`);
  }
  const config: ModelConfig = {
    ...checked,
    labels: task === 'classify' || task === 'tag' ? checkLabels(labels, multiLabel) : [],
    tokenizer: checkTokenizer(tokenizer, layers),
    weights: 'f32',
  };
  if (featuresOf(layers) > 0 && task !== 'regress') {
    throw new UsageError('numbers()', { expected: "the task 'regress'", got: `'${task}'` });
  }
  for (const { kind, longest = MAX_LENGTH } of config.layers) {
    if (longest >= config.maxLength) continue;
    throw new UsageError(`${kind} longest`, {
      expected: `at least maxLength, ${config.maxLength}`,
      got: String(longest),
      cause: 'Raise longest, or lower maxLength.',
    });
  }
  checkPairs(config.layers);
  checkLayersFor(config, outputShape(config.layers));
  return config;
}

/** What createModel() is to be told of the task, and no more. */
export function taskOptions(config: ModelConfig): Partial<ModelOptions> {
  const { task } = config;
  const own = Object.entries(OF_TASK).filter(([, tasks]) => (tasks as readonly Task[]).includes(task));
  return {
    ...(task !== 'classify' && { task }),
    ...Object.fromEntries(own.map(([name]) => [name, config[name as keyof typeof OF_TASK]])),
  };
}

/** What the model's networks are built from. */
export function networkSpec(config: ModelConfig, { tableRows, maxBag }: Vocabulary): NetworkSpec {
  const { layers, seed, weights } = config;
  return { layers, seed, weights, tableRows, maxBag };
}

function checkTokenizer(given: ModelOptions['tokenizer'], layers: readonly Layer[]): TokenizerOptions {
  if (given !== undefined && featuresOf(layers) > 0) {
    throw new UsageError('the option "tokenizer" cannot act with numbers()', {
      cause: 'There are no words.',
    });
  }
  if (given?.buckets !== 0 || given.ngrams === undefined) return tokenizerOptions(given);
  throw new UsageError('tokenizer option "ngrams" cannot act with buckets: 0', {
    cause: 'Without buckets unknown words are all alike.',
  });
}

function checkLayers(name: string, layers: unknown): readonly Layer[] {
  if (Array.isArray(layers) && layers.every((layer) => typeof layer?.plan === 'function')) return [...layers];
  throw new UsageError(name, { expected: 'a list such as [embedding(), lstm(), …]', got: show(layers) });
}

function checkLabels(labels: unknown, multiLabel: boolean): readonly string[] {
  const least = multiLabel ? 1 : 2;
  if (!Array.isArray(labels) || labels.length < least) {
    throw new UsageError('labels', {
      expected: `a list of at least ${least} label${least > 1 ? 's' : ''}`,
      got: Array.isArray(labels) ? `${labels.length}` : show(labels),
    });
  }
  const seen = new Set<string>();
  for (const [i, label] of labels.entries()) {
    if (typeof label !== 'string' || label === '') {
      throw new UsageError(`labels[${i}]`, { expected: 'a string that is not empty', got: show(label) });
    }
    if (seen.has(label)) throw new UsageError(`labels: ${show(label)} is there twice`);
    seen.add(label);
  }
  return [...labels];
}
