import type { Layer, WeightKind } from '../layers/layer.ts';
import { show, UsageError } from '../runtime/errors.ts';
import { flag, onlyKnown, wholeNumber } from '../runtime/options.ts';
import { type TokenizerOptions, tokenizerOptions } from '../text/options.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type NetworkSpec, outputShape } from './network-plan.ts';

/** Everything about a model but what it has learnt. */
export interface ModelConfig {
  readonly labels: readonly string[];
  /** A text can bear any number of labels at once. */
  readonly multiLabel: boolean;
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
  /** The labels, two or more (one is enough with `multiLabel`); their order is kept. */
  readonly labels: readonly string[];
  /** A text can bear any number of labels at once. Default false. */
  readonly multiLabel?: boolean;
  /** Words of a text that count; the rest is cut off. Default 256. */
  readonly maxLength?: number;
  /** How texts become words and words become rows of the embedding table. */
  readonly tokenizer?: Partial<TokenizerOptions>;
  /** From embedding() to dense({ units }) with one unit a label; one unit in all for two labels. */
  readonly layers: readonly Layer[];
  /** The same seed and rows give the same model, bit for bit. Default 1. */
  readonly seed?: number;
}

const OPTIONS = ['labels', 'multiLabel', 'maxLength', 'tokenizer', 'layers', 'seed'];

/** The longest text a model may be planned for; memory is reserved for it. */
const MAX_LENGTH = 65_536;

/** Checks options and fills in the defaults. @throws UsageError naming what is wrong */
export function modelConfig(options: ModelOptions): ModelConfig {
  onlyKnown('createModel()', options, OPTIONS);
  const multiLabel = flag('multiLabel', options.multiLabel ?? false);
  const config: ModelConfig = {
    labels: checkLabels(options.labels, multiLabel),
    multiLabel,
    maxLength: wholeNumber('maxLength', options.maxLength ?? 256, 1, MAX_LENGTH),
    tokenizer: checkTokenizer(options.tokenizer),
    layers: checkLayers(options.layers),
    seed: wholeNumber('seed', options.seed ?? 1, 0, 0xffff_ffff),
    weights: 'f32',
  };
  for (const { kind, longest = MAX_LENGTH } of config.layers) {
    if (longest >= config.maxLength) continue;
    throw new UsageError(`${kind} longest`, {
      expected: `at least maxLength, ${config.maxLength}`,
      got: String(longest),
      cause: 'It has nothing for the words behind. Raise longest, or lower maxLength.',
    });
  }
  const shape = outputShape(config.layers);
  const units = outputUnits(config);
  if (shape.kind !== 'vector' || shape.features !== units) {
    const got =
      shape.kind === 'vector'
        ? `${shape.features} numbers a text`
        : shape.kind === 'tokens'
          ? 'no layers'
          : 'a vector for each word';
    throw new UsageError('the last layer', {
      expected: `dense({ units: ${units} }) behind pool(), for ${config.labels.length} labels`,
      got,
      ...(units === 1 && { cause: 'Two labels need one number: the probability of the second.' }),
    });
  }
  return config;
}

/** What the model's networks are built from. */
export function networkSpec(config: ModelConfig, { tableRows, maxBag }: Vocabulary): NetworkSpec {
  const { layers, seed, weights } = config;
  return { layers, seed, weights, tableRows, maxBag };
}

/** Numbers behind the last layer: one a label, or one in all where a text bears one of two labels. */
export function outputUnits({ labels, multiLabel }: Pick<ModelConfig, 'labels' | 'multiLabel'>): number {
  return !multiLabel && labels.length === 2 ? 1 : labels.length;
}

/** Whether the probabilities of the labels sum to one. */
export function isSoftmax({ labels, multiLabel }: Pick<ModelConfig, 'labels' | 'multiLabel'>): boolean {
  return !multiLabel && labels.length > 2;
}

function checkTokenizer(given: ModelOptions['tokenizer']): TokenizerOptions {
  if (given?.buckets !== 0 || given.ngrams === undefined) return tokenizerOptions(given);
  throw new UsageError('tokenizer option "ngrams" cannot act with buckets: 0', {
    cause: 'Without buckets unknown words are all alike.',
  });
}

function checkLayers(layers: unknown): readonly Layer[] {
  if (Array.isArray(layers) && layers.every((layer) => typeof layer?.plan === 'function')) return [...layers];
  throw new UsageError('layers', { expected: 'a list such as [embedding(), lstm(), …]', got: show(layers) });
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
