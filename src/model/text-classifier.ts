import { dense } from '../layers/dense.ts';
import { dropout } from '../layers/dropout.ts';
import { embedding } from '../layers/embedding.ts';
import type { Layer } from '../layers/layer.ts';
import { lstm } from '../layers/lstm.ts';
import { type PoolOptions, pool } from '../layers/pool.ts';
import { onlyKnown, wholeNumber } from '../runtime/options.ts';
import type { TokenizerOptions } from '../text/options.ts';
import type { ModelOptions } from './config.ts';
import { createModel, type ModuleOptions } from './create.ts';
import type { Model } from './model.ts';
import { outputUnits } from './task.ts';

/** What {@link textClassifier} takes. */
export interface TextClassifierOptions
  extends Omit<ModelOptions, 'layers' | 'tokenizer' | 'task' | 'outputs' | 'tolerance'> {
  /** The most words that get an embedding of their own. Default 10,000. */
  readonly vocabulary?: number;
  /** How texts become words; `vocabulary` stands for its `maxWords`. */
  readonly tokenizer?: Partial<Omit<TokenizerOptions, 'maxWords'>>;
  /** Numbers for each word. Default 64. */
  readonly embedding?: number;
  /** Hidden size of each LSTM direction. Default 64. */
  readonly lstm?: number;
  /** LSTM layers, one upon the other. Default 1. */
  readonly lstmLayers?: number;
  /** Reads the text from both ends. Default false. */
  readonly bidirectional?: boolean;
  /** How the states become one vector a text. Default `last`. */
  readonly pool?: PoolOptions['over'];
  /** Share dropped behind the embedding, between LSTM layers and before the last layer. Default 0. */
  readonly dropout?: number;
}

const OWN = ['vocabulary', 'embedding', 'lstm', 'lstmLayers', 'bidirectional', 'pool', 'dropout'];
const PASSED = ['labels', 'multiLabel', 'maxLength', 'tokenizer', 'seed', 'module'];

/**
 * The usual LSTM text classifier: embedding → LSTM → pool → dense, a preset over {@link createModel}.
 * @throws UsageError when an option is wrong
 * @example
 * const model = await textClassifier({ labels: ['negative', 'positive'], lstm: 64, bidirectional: true, dropout: 0.5 });
 */
export async function textClassifier(options: TextClassifierOptions & ModuleOptions): Promise<Model> {
  onlyKnown('textClassifier()', options, [...PASSED, ...OWN]);
  const { vocabulary, tokenizer, embedding: size, lstm: hidden, ...rest } = options;
  const { lstmLayers = 1, bidirectional, pool: over, dropout: rate = 0, ...passed } = rest;
  const drop = rate === 0 ? [] : [dropout({ rate })];
  const layers: Layer[] = [embedding({ ...(size !== undefined && { size }) })];
  for (let i = 0; i < wholeNumber('lstmLayers', lstmLayers, 1, 16); i++) {
    layers.push(
      ...drop,
      lstm({
        ...(hidden !== undefined && { size: hidden }),
        ...(bidirectional !== undefined && { bidirectional }),
      }),
    );
  }
  layers.push(pool({ ...(over !== undefined && { over }) }), ...drop);
  const { labels, multiLabel = false } = passed;
  layers.push(
    dense({
      units: Array.isArray(labels)
        ? Math.max(1, outputUnits({ task: 'classify', outputs: 1, labels, multiLabel }))
        : 1,
    }),
  );
  return createModel({
    ...passed,
    tokenizer: { ...tokenizer, ...(vocabulary !== undefined && { maxWords: vocabulary }) },
    layers,
  });
}
