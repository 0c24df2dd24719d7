import type { Layer, Shape } from '../layers/layer.ts';
import { UsageError } from '../runtime/errors.ts';
import type { ModelConfig } from './config.ts';

/**
 * What a model is asked: the label of a text, the tag of each word, numbers, or nothing: then it reads texts to learn
 * what words stand beside each other, for other models to begin with.
 */
export const TASKS = ['classify', 'tag', 'regress', 'language'] as const;
export type Task = (typeof TASKS)[number];

type Asked = Pick<ModelConfig, 'task' | 'labels' | 'multiLabel' | 'outputs'>;

/** Numbers behind the last layer, a text or a word: one a label, or one in all where a text bears one of two labels. */
export function outputUnits({ task, labels, multiLabel, outputs }: Asked): number {
  if (task === 'regress') return outputs;
  return task === 'classify' && !multiLabel && labels.length === 2 ? 1 : labels.length;
}

/** Whether the probabilities of the labels sum to one. */
export function isSoftmax({ labels, multiLabel, task }: Asked): boolean {
  return task === 'tag' || (!multiLabel && labels.length > 2);
}

/** @throws UsageError when a function is for models with another task */
export function checkTask(what: string, { task }: Pick<ModelConfig, 'task'>, wanted: Task): void {
  if (task === wanted) return;
  const use = { classify: 'predict()', tag: 'tag()', regress: 'estimate()', language: 'transfer()' }[task];
  throw new UsageError(what, {
    expected: `a model with the task '${wanted}'`,
    got: `'${task}'`,
    cause: `Use ${use}.`,
  });
}

/** Whether the layers end in what the task wants. @throws UsageError saying what is missing */
export function checkLayersFor(config: ModelConfig, shape: Shape): void {
  const { layers, task } = config;
  const last = layers[layers.length - 1];
  for (const layer of layers) {
    if (!layer.closes || (layer.closes === task && layer === last)) continue;
    throw new UsageError(`${layer.kind}()`, {
      expected: `to be the last layer of a model with the task '${layer.closes}'`,
      got: layer.closes === task ? 'a layer behind it' : `the task '${task}'`,
    });
  }
  if (task === 'language') checkLanguage(layers);
  else checkUnits(config, shape);
}

function checkUnits(config: ModelConfig, shape: Shape): void {
  const units = outputUnits(config);
  const kind = config.task === 'tag' ? 'sequence' : 'vector';
  if (shape.kind === kind && shape.features === units) return;
  const place = kind === 'vector' ? 'behind pool()' : 'not behind pool()';
  const { labels, task } = config;
  const what =
    task === 'regress' ? `outputs: ${units}` : `${labels.length} ${task === 'tag' ? 'tags' : 'labels'}`;
  throw new UsageError('the last layer', {
    expected: `dense({ units: ${units} }) ${place}, for ${what}`,
    got: got(shape, kind),
    ...(task === 'classify' &&
      units === 1 && { cause: 'Two labels need one number: the probability of the second.' }),
  });
}

function got(shape: Shape, wanted: 'vector' | 'sequence'): string {
  if (shape.kind === 'tokens') return 'no layers';
  if (shape.kind !== wanted) return shape.kind === 'vector' ? 'one vector a text' : 'a vector for each word';
  return `${shape.features} numbers a ${wanted === 'vector' ? 'text' : 'word'}`;
}

function checkLanguage(layers: readonly Layer[]): void {
  const [first] = layers;
  const last = layers[layers.length - 1];
  const size = first?.options.size;
  if (first?.kind === 'embedding' && last.closes === 'language' && last.options.size === size) return;
  throw new UsageError('the layers of a language model', {
    expected: `embedding({ size: ${size ?? 64} }) first and neighbours({ size: ${size ?? 64} }) last`,
    got: layers.map(({ kind, options }) => `${kind}(${options.size ?? ''})`).join(', ') || 'no layers',
  });
}
