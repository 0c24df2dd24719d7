import type { Corpus } from './dataset.ts';

/** The arrays of a batch that kernels read. They may be longer than the batch is, and are all zero at the start. */
export interface BatchArrays {
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
  /** [N,width] of rows that are numbers in place of words; empty for words */
  readonly vectors: Float32Array;
  /** [N+1] where the edges of each packed row begin; empty where rows give none */
  readonly edgeStart: Int32Array;
  /** the packed rows at their other ends, in the order of the text */
  readonly edgeEnds: Int32Array;
}

/**
 * Sequences sorted by length, longest first, and stored step after step: step t holds a token of each of the first
 * steps[t] sequences, and packed row n = (t, b) = steps[0] + … + steps[t-1] + b.
 */
export interface PackedBatch extends BatchArrays {
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
  /** [numTouched] the distinct rows of the embedding table, ascending */
  readonly touched: Int32Array;
  /** [B] from packed position to the caller's position in the batch */
  readonly order: Int32Array;
}

/**
 * Packs rows rowNumbers[from, from + count) of a corpus.
 * @param dropped one byte a packed row: 1 shows the n-grams of the word instead of the word
 * @returns the same object at every call
 * @throws RangeError when the batch is larger than its arrays, or words are dropped from a corpus without subwords
 */
export type Pack = (
  corpus: Corpus,
  rowNumbers: Int32Array,
  from: number,
  count: number,
  dropped?: Uint8Array,
) => PackedBatch;

/**
 * What packs batch after batch into the same arrays.
 * @param arrays for the largest batch: as many steps as packed rows
 * @param tableRows rows of the embedding table
 */
export function packerInto(arrays: BatchArrays, tableRows: number): Pack {
  const { steps, lengths, index, bagStart, bagIds, vectors, edgeStart, edgeEnds } = arrays;
  const [maxSequences, maxRows] = [lengths.length, steps.length];
  const width = vectors.length / maxRows;
  const order = new Int32Array(maxSequences);
  const touched = new Int32Array(Math.min(tableRows, bagIds.length));
  const batch: PackedBatch = {
    numSequences: 0,
    numSteps: 0,
    numRows: 0,
    numDistinct: 0,
    numBagIds: 0,
    numTouched: 0,
    ...arrays,
    touched,
    order,
  };
  /** next[l]: the packed position of the next sequence of length l */
  const next = new Int32Array(maxRows + 1);
  /** the type of each distinct token */
  const types = new Int32Array(maxRows);
  /** the packed row of the first sequence at each step; kept for rows with edges */
  const first = new Int32Array(edgeStart.length);
  /** one bit a row of the embedding table; all zero between calls */
  const isTouched = new Uint32Array(Math.ceil(tableRows / 32));
  /** the number of the distinct token of each type, -1 if it has none; all -1 between calls */
  let numberOf = new Int32Array(0);

  /** Counting sort by length, stable: fills steps, lengths and order. */
  const sort = ({ starts }: Corpus, rowNumbers: Int32Array, from: number, count: number) => {
    let numRows = 0;
    let numSteps = 0;
    for (let i = from; i < from + count; i++) {
      const length = starts[rowNumbers[i] + 1] - starts[rowNumbers[i]];
      numRows += length;
      if (length > numSteps) numSteps = length;
    }
    if (count > maxSequences || numRows > maxRows) {
      throw new RangeError(
        `batch: expected at most ${maxSequences} rows and ${maxRows} tokens, got ${count} and ${numRows}`,
      );
    }
    // steps[t] is first the number of sequences of length t+1, then of all that are longer than t.
    steps.fill(0, 0, numSteps);
    for (let i = from; i < from + count; i++) steps[starts[rowNumbers[i] + 1] - starts[rowNumbers[i]] - 1]++;
    next[numSteps] = 0;
    for (let t = numSteps - 1; t > 0; t--) {
      next[t] = steps[t];
      steps[t - 1] += steps[t];
    }
    for (let i = 0; i < count; i++) {
      const row = rowNumbers[from + i];
      const length = starts[row + 1] - starts[row];
      const b = next[length]++;
      lengths[b] = length;
      order[b] = i;
    }
    batch.numSequences = count;
    batch.numSteps = numSteps;
    batch.numRows = numRows;
  };

  /** Numbers the distinct tokens from the last row on, the last of them first, and turns the numbers round: fills index. */
  const number = (
    { tokens, starts, bags, subwords }: Corpus,
    rowNumbers: Int32Array,
    from: number,
    dropped?: Uint8Array,
  ) => {
    const { numSteps, numRows } = batch;
    if (dropped && subwords.length === 0)
      throw new RangeError('batch: this corpus was encoded without subwords');
    if (numberOf.length < bags.numTypes) numberOf = new Int32Array(bags.numTypes * 2).fill(-1);
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
  };

  /** Copies the bags of the distinct tokens and lists the rows in them: fills bagStart, bagIds and touched. */
  const collect = ({ bags }: Corpus) => {
    const { bagStart: starts, bagIds: ids } = bags;
    const { numDistinct } = batch;
    let numBagIds = 0;
    for (let u = 0; u < numDistinct; u++) {
      const type = types[u];
      for (let i = starts[type]; i < starts[type + 1]; i++) {
        const row = ids[i];
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
  };

  /** Calls `visit` with each packed row and its place in the corpus. */
  const eachRow = (
    { starts }: Corpus,
    rowNumbers: Int32Array,
    from: number,
    visit: (n: number, place: number, b: number) => void,
  ) => {
    for (let t = 0, n = 0; t < batch.numSteps; t++) {
      for (let b = 0; b < steps[t]; b++, n++) visit(n, starts[rowNumbers[from + order[b]]] + t, b);
    }
  };

  return (corpus, rowNumbers, from, count, dropped) => {
    sort(corpus, rowNumbers, from, count);
    number(corpus, rowNumbers, from, dropped);
    collect(corpus);
    if (corpus.vectors) {
      const { values, features } = corpus.vectors;
      eachRow(corpus, rowNumbers, from, (n, place) => {
        for (let k = 0; k < features; k++) vectors[n * width + k] = values[place * features + k];
      });
    }
    if (corpus.edges) {
      const { start, ends } = corpus.edges;
      for (let t = 1; t < batch.numSteps; t++) first[t] = first[t - 1] + steps[t - 1];
      let numEdges = 0;
      eachRow(corpus, rowNumbers, from, (n, place, b) => {
        for (let k = start[place]; k < start[place + 1]; k++) edgeEnds[numEdges++] = first[ends[k]] + b;
        edgeStart[n + 1] = numEdges;
      });
    }
    return batch;
  };
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
