import { type Pack, packerInto } from '../../src/data/batch.ts';

/** The largest batch: its sequences and tokens, the rows one token can show, and the rows of the embedding table. */
export interface PackerLimits {
  readonly maxSequences: number;
  readonly maxRows: number;
  readonly maxBag: number;
  readonly tableRows: number;
  /** Edges that the rows give, for each of their tokens. */
  readonly edges?: number;
}

/** A packer into arrays of its own. */
export function packerFor({ maxSequences, maxRows, maxBag, tableRows, edges = 0 }: PackerLimits): {
  pack: Pack;
} {
  const arrays = {
    steps: new Int32Array(maxRows),
    lengths: new Int32Array(maxSequences),
    index: new Int32Array(maxRows),
    bagStart: new Int32Array(maxRows + 1),
    bagIds: new Int32Array(maxRows * maxBag),
    vectors: new Float32Array(0),
    edgeStart: new Int32Array(edges > 0 ? maxRows + 1 : 0),
    edgeEnds: new Int32Array(2 * edges * maxRows),
  };
  return { pack: packerInto(arrays, tableRows) };
}
