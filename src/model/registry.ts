import { adversarial } from '../layers/adversarial.ts';
import { attention } from '../layers/attention.ts';
import { attentionPool } from '../layers/attention-pool.ts';
import { batchNorm } from '../layers/batch-norm.ts';
import { batchNormInverse } from '../layers/batch-norm-inverse.ts';
import { crf } from '../layers/crf.ts';
import { dense } from '../layers/dense.ts';
import { dropout } from '../layers/dropout.ts';
import { embedding } from '../layers/embedding.ts';
import { graphConvolution } from '../layers/graph-convolution.ts';
import { gru } from '../layers/gru.ts';
import type { Layer } from '../layers/layer.ts';
import { layerNorm } from '../layers/layer-norm.ts';
import { lstm } from '../layers/lstm.ts';
import { minGru } from '../layers/min-gru.ts';
import { minLstm } from '../layers/min-lstm.ts';
import { neighbours } from '../layers/neighbours.ts';
import { numbers } from '../layers/numbers.ts';
import { penalty } from '../layers/penalty.ts';
import { pool } from '../layers/pool.ts';
import { positions } from '../layers/positions.ts';
import { rnn } from '../layers/rnn.ts';
import { transformer } from '../layers/transformer.ts';
import { DataError, show } from '../runtime/errors.ts';

/** A layer as the file holds it. */
export interface StoredLayer {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Every layer there is, by the kind that the file names; a test holds this against the folder of layers. */
export const LAYERS = {
  embedding,
  lstm,
  gru,
  rnn,
  minGru,
  minLstm,
  attention,
  attentionPool,
  transformer,
  positions,
  graphConvolution,
  batchNorm,
  batchNormInverse,
  layerNorm,
  dropout,
  penalty,
  adversarial,
  pool,
  dense,
  numbers,
  crf,
  neighbours,
} as const satisfies Record<
  string,
  // Each checks its own options, so that a file can hand over whatever it holds.
  (options: never) => Layer
>;

/**
 * The layer that a file tells of, whatever it tells.
 * @throws DataError for a kind that this version does not know; UsageError when its options are wrong
 */
export function restoreLayer(stored: unknown): Layer {
  const { kind, options } = (stored ?? {}) as StoredLayer;
  if (typeof kind !== 'string' || !Object.hasOwn(LAYERS, kind)) {
    throw new DataError(`the model has a layer of kind ${show(kind)}`, {
      expected: Object.keys(LAYERS).join(', '),
      cause: 'It was written by another version of gatelet.',
    });
  }
  return LAYERS[kind as keyof typeof LAYERS](options as never);
}
