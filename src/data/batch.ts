import type { Corpus } from './dataset.ts';
import type { CorpusEdges } from './edges.ts';

/**
 * Sequences sorted by length, longest first, and stored step after step: step t holds a token of each of the first
 * steps[t] sequences, and packed row n = (t, b) = steps[0] + … + steps[t-1] + b. Arrays may be longer than said.
 */
export interface PackedBatch {
  /** B */
  numSequences: number;
  /** T */
  numSteps: number;
  /** N = Σ steps = Σ lengths */
  numRows: number;
  /** U, distinct tokens */
  numDistinct: number;
  /** S, ids in the bags of the distinct tokens */
  numBagIds: number;
  numTouched: number;
  /** [T] sequences alive at each step */
  readonly steps: Int32Array;
  /** [B] */
  readonly lengths: Int32Array;
  /** [N] which distinct token each packed row shows; they are numbered in the order of the last rows that show them */
  readonly index: Int32Array;
  /** [U+1] */
  readonly bagStart: Int32Array;
  /** [S] rows of the embedding table */
  readonly bagIds: Int32Array;
  /** [numTouched] the distinct rows of the embedding table, ascending */
  readonly touched: Int32Array;
  /** [B] from packed position to the caller's position in the batch */
  readonly order: Int32Array;
  /** [N,features] of rows that are numbers in place of words; empty for words */
  readonly vectors: Float32Array;
  /** [N+1] where the edges of each packed row begin; empty where rows give none */
  readonly edgeStart: Int32Array;
  /** the packed rows at their other ends, in the order of the text */
  readonly edgeEnds: Int32Array;
}

/** The largest batch: its sequences and tokens, the rows one token can show, and the rows of the embedding table. */
export interface PackerLimits {
  readonly maxSequences: number;
  readonly maxRows: number;
  readonly maxBag: number;
  readonly tableRows: number;
  /** Numbers a place, of rows that are numbers in place of words. */
  readonly features?: number;
  /** Edges that the rows give, for each of their tokens. */
  readonly edges?: number;
}

/** Packs batch after batch into the same arrays. */
export class BatchPacker {
  readonly #limits: PackerLimits;
  readonly #batch: PackedBatch;
  /** next[l]: the packed position of the next sequence of length l */
  readonly #next: Int32Array;
  /** the type of each distinct token */
  readonly #types: Int32Array;
  /** the packed row of the first sequence at each step; kept for rows with edges */
  readonly #first: Int32Array;
  /** one bit a row of the embedding table; all zero between calls */
  readonly #isTouched: Uint32Array;
  /** the number of the distinct token of each type, -1 if it has none; all -1 between calls */
  #numberOf = new Int32Array(0);

  constructor(limits: PackerLimits) {
    const { maxSequences, maxRows, maxBag, tableRows, features = 0, edges = 0 } = limits;
    this.#limits = limits;
    this.#next = new Int32Array(maxRows + 1);
    this.#types = new Int32Array(maxRows);
    this.#first = new Int32Array(edges > 0 ? maxRows : 0);
    this.#isTouched = new Uint32Array(Math.ceil(tableRows / 32));
    this.#batch = {
      numSequences: 0,
      numSteps: 0,
      numRows: 0,
      numDistinct: 0,
      numBagIds: 0,
      numTouched: 0,
      steps: new Int32Array(maxRows),
      lengths: new Int32Array(maxSequences),
      index: new Int32Array(maxRows),
      bagStart: new Int32Array(maxRows + 1),
      bagIds: new Int32Array(maxRows * maxBag),
      touched: new Int32Array(Math.min(tableRows, maxRows * maxBag)),
      order: new Int32Array(maxSequences),
      vectors: new Float32Array(maxRows * features),
      edgeStart: new Int32Array(edges > 0 ? maxRows + 1 : 0),
      edgeEnds: new Int32Array(2 * edges * maxRows),
    };
  }

  /**
   * Packs rows rowNumbers[from, from + count) of a corpus.
   * @param dropped one byte a packed row: 1 shows the n-grams of the word instead of the word
   * @returns the same object at every call
   * @throws RangeError when the batch is over the limits, or words are dropped from a corpus without subwords
   */
  pack(
    corpus: Corpus,
    rowNumbers: Int32Array,
    from: number,
    count: number,
    dropped?: Uint8Array,
  ): PackedBatch {
    this.#sort(corpus, rowNumbers, from, count);
    this.#number(corpus, rowNumbers, from, dropped);
    this.#collect(corpus);
    if (corpus.vectors) this.#place(corpus.starts, corpus.vectors, rowNumbers, from);
    if (corpus.edges) this.#link(corpus.starts, corpus.edges, rowNumbers, from);
    return this.#batch;
  }

  /** Counting sort by length, stable: fills steps, lengths and order. */
  #sort({ starts }: Corpus, rowNumbers: Int32Array, from: number, count: number): void {
    const batch = this.#batch;
    const { steps, lengths, order } = batch;
    let numRows = 0;
    let numSteps = 0;
    for (let i = from; i < from + count; i++) {
      const length = starts[rowNumbers[i] + 1] - starts[rowNumbers[i]];
      numRows += length;
      if (length > numSteps) numSteps = length;
    }
    const { maxSequences, maxRows } = this.#limits;
    if (count > maxSequences || numRows > maxRows) {
      throw new RangeError(
        `batch: expected at most ${maxSequences} rows and ${maxRows} tokens, got ${count} and ${numRows}`,
      );
    }
    // steps[t] is first the number of sequences of length t+1, then of all that are longer than t.
    steps.fill(0, 0, numSteps);
    for (let i = from; i < from + count; i++) steps[starts[rowNumbers[i] + 1] - starts[rowNumbers[i]] - 1]++;
    this.#next[numSteps] = 0;
    for (let t = numSteps - 1; t > 0; t--) {
      this.#next[t] = steps[t];
      steps[t - 1] += steps[t];
    }
    for (let i = 0; i < count; i++) {
      const row = rowNumbers[from + i];
      const length = starts[row + 1] - starts[row];
      const b = this.#next[length]++;
      lengths[b] = length;
      order[b] = i;
    }
    batch.numSequences = count;
    batch.numSteps = numSteps;
    batch.numRows = numRows;
  }

  /** Numbers the distinct tokens from the last row on, the last of them first, and turns the numbers round: fills index. */
  #number(
    { tokens, starts, bags, subwords }: Corpus,
    rowNumbers: Int32Array,
    from: number,
    dropped?: Uint8Array,
  ): void {
    const batch = this.#batch;
    const { steps, index, order, numSteps, numRows } = batch;
    if (dropped && subwords.length === 0)
      throw new RangeError('batch: this corpus was encoded without subwords');
    if (this.#numberOf.length < bags.numTypes) this.#numberOf = new Int32Array(bags.numTypes * 2).fill(-1);
    const numberOf = this.#numberOf;
    const types = this.#types;
    let numDistinct = 0;
    for (let t = numSteps - 1, n = numRows - 1; t >= 0; t--) {
      for (let b = steps[t] - 1; b >= 0; b--, n--) {
        const token = tokens[starts[rowNumbers[from + order[b]]] + t];
        const type = dropped && dropped[n] !== 0 ? subwords[token] : token;
        if (numberOf[type] < 0) {
          numberOf[type] = numDistinct;
          types[numDistinct++] = type;
        }
        index[n] = numberOf[type];
      }
    }
    for (let u = 0; u < numDistinct; u++) numberOf[types[u]] = -1;
    types.subarray(0, numDistinct).reverse();
    for (let n = 0; n < numRows; n++) index[n] = numDistinct - 1 - index[n];
    batch.numDistinct = numDistinct;
  }

  /** Copies the vectors of each place: fills vectors. */
  #place(
    starts: Int32Array,
    { values, features }: NonNullable<Corpus['vectors']>,
    rowNumbers: Int32Array,
    from: number,
  ): void {
    const { steps, order, vectors, numSteps } = this.#batch;
    for (let t = 0, to = 0; t < numSteps; t++) {
      for (let b = 0; b < steps[t]; b++) {
        const first = (starts[rowNumbers[from + order[b]]] + t) * features;
        for (let k = 0; k < features; k++) vectors[to++] = values[first + k];
      }
    }
  }

  /** Leads the edges of each token to packed rows: fills edgeStart and edgeEnds. */
  #link(starts: Int32Array, { start, ends }: CorpusEdges, rowNumbers: Int32Array, from: number): void {
    const { steps, order, edgeStart, edgeEnds, numSteps } = this.#batch;
    const first = this.#first;
    for (let t = 1; t < numSteps; t++) first[t] = first[t - 1] + steps[t - 1];
    let count = 0;
    for (let t = 0, n = 0; t < numSteps; t++) {
      for (let b = 0; b < steps[t]; b++) {
        const token = starts[rowNumbers[from + order[b]]] + t;
        for (let k = start[token]; k < start[token + 1]; k++) edgeEnds[count++] = first[ends[k]] + b;
        edgeStart[++n] = count;
      }
    }
  }

  /** Copies the bags of the distinct tokens and lists the rows in them: fills bagStart, bagIds and touched. */
  #collect({ bags }: Corpus): void {
    const batch = this.#batch;
    const { bagStart, bagIds, touched, numDistinct } = batch;
    const isTouched = this.#isTouched;
    let numBagIds = 0;
    for (let u = 0; u < numDistinct; u++) {
      const type = this.#types[u];
      const end = bags.bagStart[type + 1];
      for (let i = bags.bagStart[type]; i < end; i++) {
        const row = bags.bagIds[i];
        bagIds[numBagIds++] = row;
        isTouched[row >> 5] |= 1 << (row & 31);
      }
      bagStart[u + 1] = numBagIds;
    }
    let numTouched = 0;
    for (let word = 0; word < isTouched.length; word++) {
      for (let bits = isTouched[word]; bits !== 0; bits &= bits - 1) {
        touched[numTouched++] = word * 32 + 31 - Math.clz32(bits & -bits);
      }
      isTouched[word] = 0;
    }
    batch.numBagIds = numBagIds;
    batch.numTouched = numTouched;
  }
}

/**
 * Cuts an order of rows into batches of at most `batchSize` rows and `maxTokens` tokens; a row never has more.
 * @returns [batches] where each batch ends in `order`
 */
export function cutBatches(
  { starts }: Corpus,
  order: Int32Array,
  batchSize: number,
  maxTokens: number,
): Int32Array {
  const ends: number[] = [];
  let start = 0;
  let numTokens = 0;
  for (let i = 0; i < order.length; i++) {
    const length = starts[order[i] + 1] - starts[order[i]];
    if (i > start && (i - start === batchSize || numTokens + length > maxTokens)) {
      ends.push(i);
      start = i;
      numTokens = 0;
    }
    numTokens += length;
  }
  if (order.length > 0) ends.push(order.length);
  return Int32Array.from(ends);
}
