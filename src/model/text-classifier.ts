import { attention } from '../layers/attention.ts';
import { batchNorm } from '../layers/batch-norm.ts';
import { dense } from '../layers/dense.ts';
import { type PoolOptions, pool } from '../layers/pool.ts';
import { flag, onlyKnown } from '../runtime/options.ts';
import { createModel, type ModuleOptions } from './create.ts';
import type { Model } from './model.ts';
import { outputUnits } from './task.ts';
import { TRUNK_OPTIONS, type TrunkOptions, trunkOf } from './trunk.ts';

/** What {@link textClassifier} takes. */
export interface TextClassifierOptions extends TrunkOptions {
  /** A text can bear any number of labels at once. Default false. */
  readonly multiLabel?: boolean;
  /** Heads of a self-attention behind the LSTM: they must divide its features. Default: none. */
  readonly attentionHeads?: number;
  /** How the states become one vector a text. Default `last`, behind attention `mean`. */
  readonly pool?: PoolOptions['over'];
  /** Normalises that vector over the batch. Default false. */
  readonly batchNorm?: boolean;
}

const OWN = ['multiLabel', 'attentionHeads', 'pool', 'batchNorm'];

/**
 * The usual LSTM text classifier: embedding → LSTM → (attention) → pool → (batchNorm) → dense, a preset over
 * {@link createModel}.
 * @throws UsageError when an option is wrong
 * @example
 * const model = await textClassifier({ labels: ['negative', 'positive'], lstm: 64, bidirectional: true, dropout: 0.5 });
 */
export async function textClassifier(options: TextClassifierOptions & ModuleOptions): Promise<Model> {
  onlyKnown('textClassifier()', options, [...TRUNK_OPTIONS, ...OWN]);
  const {
    attentionHeads: heads,
    pool: chosen,
    batchNorm: normalise = false,
    multiLabel = false,
    ...rest
  } = options;
  const { trunk, drop, passed } = trunkOf(rest);
  const { labels } = passed;
  const over = chosen ?? (heads === undefined ? undefined : 'mean');
  const asked = heads !== undefined && over === 'mean'; // attention that yields the mean itself is twice as fast
  const units = Array.isArray(labels)
    ? Math.max(1, outputUnits({ task: 'classify', outputs: 1, labels, multiLabel }))
    : 1;
  return createModel({
    ...passed,
    multiLabel,
    layers: [
      ...trunk,
      ...(heads === undefined ? [] : [attention({ heads, query: asked ? 'mean' : 'each' })]),
      ...(asked ? [] : [pool({ ...(over !== undefined && { over }) })]),
      ...drop,
      ...(flag('batchNorm', normalise) ? [batchNorm()] : []),
      dense({ units }),
    ],
  });
}
