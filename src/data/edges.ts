/** Pairs of places in a text, counted from 0: words that have an edge. */
export type Edges = readonly (readonly number[])[];

/** Edges of a corpus: token k of a row has edges to the places ends[start[k], start[k+1]) of that row, ascending. */
export interface CorpusEdges {
  /** [tokens+1] */
  readonly start: Int32Array;
  readonly ends: Int32Array;
}

/**
 * The edges among the first `length` words of a text, each once, none from a word to itself.
 * @returns low · length + high of the places of each, ascending
 */
export function distinctEdges(edges: Edges, length: number): Float64Array {
  const keys = new Set<number>();
  for (const [from, to] of edges) {
    const [low, high] = from < to ? [from, to] : [to, from];
    if (low < high && high < length) keys.add(low * length + high);
  }
  return Float64Array.from(keys).sort();
}

/** @param starts where the tokens of each row begin, and the last one's end */
export function encodeEdges(starts: Int32Array, rows: readonly Edges[]): CorpusEdges {
  const lengthOf = (row: number) => starts[row + 1] - starts[row];
  const distinct = rows.map((edges, row) => distinctEdges(edges, lengthOf(row)));
  const start = new Int32Array(starts[rows.length] + 1);
  const eachEnd = (visit: (token: number, place: number) => void) => {
    for (const [row, keys] of distinct.entries()) {
      for (const key of keys) {
        const [low, high] = [Math.floor(key / lengthOf(row)), key % lengthOf(row)];
        visit(starts[row] + low, high);
        visit(starts[row] + high, low);
      }
    }
  };
  eachEnd((token) => start[token + 1]++);
  for (let token = 1; token < start.length; token++) start[token] += start[token - 1];
  const ends = new Int32Array(start[start.length - 1]);
  const next = start.slice();
  // Ascending by the lower place, then the higher one: so is what comes to each token.
  eachEnd((token, place) => {
    ends[next[token]++] = place;
  });
  return { start, ends };
}
