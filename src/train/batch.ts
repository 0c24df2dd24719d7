import type { Corpus } from '../data/dataset.ts';
import type { Targets } from '../model/targets.ts';

/** Some rows of a corpus with their targets: rows[from, from + count) are their numbers. */
export interface Batch {
  readonly corpus: Corpus;
  readonly targets: Targets;
  readonly rows: Int32Array;
  from: number;
  count: number;
}
