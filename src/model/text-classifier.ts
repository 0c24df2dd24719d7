import { attention } from '../layers/attention.ts';
import { batchNorm } from '../layers/batch-norm.ts';
import { dense } from '../layers/dense.ts';
import { dropout } from '../layers/dropout.ts';
import { embedding } from '../layers/embedding.ts';
import { gru } from '../layers/gru.ts';
import type { Layer } from '../layers/layer.ts';
import { lstm } from '../layers/lstm.ts';
import { minGru } from '../layers/min-gru.ts';
import { minLstm } from '../layers/min-lstm.ts';
import { type PoolOptions, pool } from '../layers/pool.ts';
import { rnn } from '../layers/rnn.ts';
import { flag, oneOf, onlyKnown, wholeNumber } from '../runtime/options.ts';
import type { TokenizerOptions } from '../text/options.ts';
import type { ModelOptions } from './config.ts';
import { createModel, type ModuleOptions } from './create.ts';
import type { Model } from './model.ts';
import { outputUnits } from './task.ts';

/** The recurrent layers to choose from. */
const CELLS = { lstm, gru, rnn, minGru, minLstm } as const;
export type CellName = keyof typeof CELLS;
const CELL_NAMES = Object.keys(CELLS) as CellName[];

/** What {@link textClassifier} takes. */
export interface TextClassifierOptions
  extends Omit<ModelOptions, 'layers' | 'tokenizer' | 'task' | 'outputs' | 'tolerance'> {
  /** The most words that get an embedding of their own. Default 10,000. */
  readonly vocabulary?: number;
  /** How texts become words; `vocabulary` stands for its `maxWords`. */
  readonly tokenizer?: Partial<Omit<TokenizerOptions, 'maxWords'>>;
  /** Numbers for each word. Default 64. */
  readonly embedding?: number;
  /** What reads the words: an LSTM, or another recurrent layer in its place. Default `lstm`. */
  readonly cell?: CellName;
  /** Hidden size of each direction of the LSTM, or of what stands in its place. Default 64. */
  readonly lstm?: number;
  /** Such layers, one upon the other. Default 1. */
  readonly lstmLayers?: number;
  /** Reads the text from both ends. Default false. */
  readonly bidirectional?: boolean;
  /** Heads of a self-attention behind the LSTM: they must divide its features. Default: none. */
  readonly attentionHeads?: number;
  /** How the states become one vector a text. Default `last`, behind attention `mean`. */
  readonly pool?: PoolOptions['over'];
  /** Share dropped behind the embedding, between LSTM layers and before the last layer. Default 0. */
  readonly dropout?: number;
  /** Normalises that vector over the batch. Default false. */
  readonly batchNorm?: boolean;
}

const OWN = [
  'vocabulary',
  'embedding',
  'cell',
  'lstm',
  'lstmLayers',
  'bidirectional',
  'attentionHeads',
  'pool',
  'dropout',
  'batchNorm',
];
const PASSED = ['labels', 'multiLabel', 'maxLength', 'tokenizer', 'seed', 'module'];

/**
 * The usual LSTM text classifier: embedding → LSTM → (attention) → pool → (batchNorm) → dense, a preset over
 * {@link createModel}.
 * @throws UsageError when an option is wrong
 * @example
 * const model = await textClassifier({ labels: ['negative', 'positive'], lstm: 64, bidirectional: true, dropout: 0.5 });
 */
export async function textClassifier(options: TextClassifierOptions & ModuleOptions): Promise<Model> {
  onlyKnown('textClassifier()', options, [...PASSED, ...OWN]);
  const { vocabulary, tokenizer, embedding: size, lstm: hidden, ...rest } = options;
  const { cell = 'lstm', lstmLayers = 1, bidirectional, dropout: rate = 0, ...others } = rest;
  const { attentionHeads: heads, pool: chosen, batchNorm: normalise = false, ...passed } = others;
  const over = chosen ?? (heads === undefined ? undefined : 'mean');
  const recurrent = CELLS[oneOf('cell', cell, CELL_NAMES)];
  const drop = rate === 0 ? [] : [dropout({ rate })];
  const layers: Layer[] = [embedding({ ...(size !== undefined && { size }) })];
  for (let i = 0; i < wholeNumber('lstmLayers', lstmLayers, 1, 16); i++) {
    layers.push(
      ...drop,
      recurrent({
        ...(hidden !== undefined && { size: hidden }),
        ...(bidirectional !== undefined && { bidirectional }),
      }),
    );
  }
  const asked = heads !== undefined && over === 'mean'; // attention that yields the mean itself is twice as fast
  if (heads !== undefined) layers.push(attention({ heads, query: asked ? 'mean' : 'each' }));
  if (!asked) layers.push(pool({ ...(over !== undefined && { over }) }));
  layers.push(...drop);
  if (flag('batchNorm', normalise)) layers.push(batchNorm());
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
