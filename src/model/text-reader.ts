import { neighbours } from '../layers/neighbours.ts';
import { onlyKnown } from '../runtime/options.ts';
import { createModel, type ModuleOptions } from './create.ts';
import type { Model } from './model.ts';
import { TRUNK_OPTIONS, type TrunkOptions, trunkOf } from './trunk.ts';

/** What {@link textReader} takes. */
export interface TextReaderOptions extends Omit<TrunkOptions, 'labels'> {}

/**
 * The usual LSTM language model, for others to begin with: embedding → LSTM → neighbours, a preset over
 * {@link createModel} for the task `language`. With the same options a textClassifier() begins with the same layers.
 * @throws UsageError when an option is wrong, such as a second bidirectional layer, which has seen every word
 * @example
 * const reader = await textReader({ bidirectional: true, dropout: 0.5 });
 * for await (const epoch of train(reader, texts)) console.log(epoch.loss);
 * transfer(reader, await textClassifier({ labels, bidirectional: true, dropout: 0.5 }));
 */
export async function textReader(options: TextReaderOptions & ModuleOptions = {}): Promise<Model> {
  onlyKnown(
    'textReader()',
    options,
    TRUNK_OPTIONS.filter((name) => name !== 'labels'),
  );
  const { trunk, drop, passed } = trunkOf(options);
  const { embedding: size = 64 } = options;
  return createModel({ ...passed, task: 'language', layers: [...trunk, ...drop, neighbours({ size })] });
}
