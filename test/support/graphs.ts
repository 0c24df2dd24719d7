import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import type { Model } from '../../src/model/model.ts';
import { testNumbers } from './arena.ts';
import { LABELS } from './models.ts';

/**
 * The same four words in any order, and maybe some more: what the food is, and so the label, is in the edges alone.
 */
export function toyGraphs(count: number, seed = 1) {
  const draws = testNumbers(seed);
  return Array.from({ length: count }, (_, i) => {
    const words = ['food', 'service', 'good', 'bad', ...['the', 'and', 'was'].slice(draws.int(4))];
    for (let k = words.length - 1; k > 0; k--) {
      const other = draws.int(k + 1);
      [words[k], words[other]] = [words[other], words[k]];
    }
    const edge = (one: string, other: string) => [words.indexOf(one), words.indexOf(other)];
    const edges =
      i % 2 === 0
        ? [edge('food', 'bad'), edge('good', 'service')]
        : [edge('good', 'food'), edge('service', 'bad')];
    return { words, edges, label: LABELS[i % 2] };
  });
}

export const GIVEN = graphConvolution({ units: 12, edges: 'given' });

/** embedding → what is given → dense, for two labels. */
export function graphModel(between: readonly Layer[] = [GIVEN, pool({ over: 'max' })]): Promise<Model> {
  return createModel({
    labels: LABELS.slice(0, 2),
    maxLength: 8,
    tokenizer: { buckets: 20 },
    layers: [embedding({ size: 8 }), ...between, dense({ units: 1 })],
  });
}
