import { crf } from '../layers/crf.ts';
import { dense } from '../layers/dense.ts';
import { flag, onlyKnown } from '../runtime/options.ts';
import { createModel, type ModuleOptions } from './create.ts';
import type { Model } from './model.ts';
import { TRUNK_OPTIONS, type TrunkOptions, trunkOf } from './trunk.ts';

/** What {@link textTagger} takes. */
export interface TextTaggerOptions extends TrunkOptions {
  /** Learns and chooses the tags of a text as a whole, by a conditional random field. Default false. */
  readonly crf?: boolean;
}

/**
 * The usual LSTM tagger of words: embedding → LSTM → dense → (crf), a preset over {@link createModel} for the task `tag`.
 * @throws UsageError when an option is wrong
 * @example
 * const model = await textTagger({ labels: ['B-PLACE', 'I-PLACE', 'O'], bidirectional: true, dropout: 0.5, crf: true });
 */
export async function textTagger(options: TextTaggerOptions & ModuleOptions): Promise<Model> {
  onlyKnown('textTagger()', options, [...TRUNK_OPTIONS, 'crf']);
  const { crf: chained = false, ...rest } = options;
  const { trunk, drop, passed } = trunkOf(rest);
  const units = Array.isArray(passed.labels) ? Math.max(1, passed.labels.length) : 1;
  const chain = flag('crf', chained) ? [crf()] : [];
  return createModel({ ...passed, task: 'tag', layers: [...trunk, ...drop, dense({ units }), ...chain] });
}
