// What the presets begin with: words, and the recurrent layers that read them.
import { dropout } from '../layers/dropout.ts';
import { embedding } from '../layers/embedding.ts';
import { gru } from '../layers/gru.ts';
import type { Layer } from '../layers/layer.ts';
import { lstm } from '../layers/lstm.ts';
import { minGru } from '../layers/min-gru.ts';
import { minLstm } from '../layers/min-lstm.ts';
import { rnn } from '../layers/rnn.ts';
import { oneOf, wholeNumber } from '../runtime/options.ts';
import type { TokenizerOptions } from '../text/options.ts';
import type { ModelOptions } from './config.ts';
import type { ModuleOptions } from './create.ts';

/** The recurrent layers to choose from. */
const CELLS = { lstm, gru, rnn, minGru, minLstm } as const;
export type CellName = keyof typeof CELLS;
const CELL_NAMES = Object.keys(CELLS) as CellName[];

/** What every preset takes. */
export interface TrunkOptions
  extends Omit<ModelOptions, 'layers' | 'tokenizer' | 'task' | 'multiLabel' | 'outputs' | 'tolerance'> {
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
  /** Share dropped behind the embedding, between LSTM layers and before the last layer. Default 0. */
  readonly dropout?: number;
}

/** The names of these options. */
export const TRUNK_OPTIONS = [
  ...['labels', 'maxLength', 'tokenizer', 'seed', 'module', 'vocabulary', 'embedding'],
  ...['cell', 'lstm', 'lstmLayers', 'bidirectional', 'dropout'],
];

/**
 * embedding → (dropout) → recurrent layer, as often as asked for; with it what stands before a preset's last layer, and
 * what createModel() is told besides.
 */
export function trunkOf<Options extends Partial<TrunkOptions> & ModuleOptions>(options: Options) {
  const { embedding: size, cell = 'lstm', lstm: hidden, lstmLayers = 1, bidirectional, ...rest } = options;
  const { dropout: rate = 0, vocabulary, tokenizer, ...passed } = rest;
  const recurrent = CELLS[oneOf('cell', cell, CELL_NAMES)];
  const drop = rate === 0 ? [] : [dropout({ rate })];
  const trunk: Layer[] = [embedding({ ...(size !== undefined && { size }) })];
  for (let i = 0; i < wholeNumber('lstmLayers', lstmLayers, 1, 16); i++) {
    trunk.push(
      ...drop,
      recurrent({
        ...(hidden !== undefined && { size: hidden }),
        ...(bidirectional !== undefined && { bidirectional }),
      }),
    );
  }
  const words = { ...tokenizer, ...(vocabulary !== undefined && { maxWords: vocabulary }) };
  return { trunk, drop, passed: { ...passed, tokenizer: words } };
}
