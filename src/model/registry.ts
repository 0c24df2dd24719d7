import { dense } from '../layers/dense.ts';
import { dropout } from '../layers/dropout.ts';
import { embedding } from '../layers/embedding.ts';
import type { Layer } from '../layers/layer.ts';
import { lstm } from '../layers/lstm.ts';
import { pool } from '../layers/pool.ts';
import { DataError } from '../runtime/errors.ts';

/** A layer as the file holds it. */
export interface StoredLayer {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Every layer there is, by the kind that the file names; a test holds this against the folder of layers. */
export const LAYERS = { embedding, lstm, dropout, pool, dense } as const satisfies Record<
  string,
  // Each checks its own options, so that a file can hand over whatever it holds.
  (options: never) => Layer
>;

/** @throws DataError for a kind that this version does not know */
export function restoreLayer({ kind, options }: StoredLayer): Layer {
  if (!Object.hasOwn(LAYERS, kind)) {
    throw new DataError(`the model has a layer of kind '${kind}'`, {
      expected: Object.keys(LAYERS).join(', '),
      cause: 'It was written by another version of gatelet.',
    });
  }
  return LAYERS[kind as keyof typeof LAYERS](options as never);
}
