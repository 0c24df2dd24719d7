import type { Corpus } from './dataset.ts';

/** The longest text, and the most rows of a batch. */
const MOST = 65_536;

/** Rows of a corpus by their numbers. */
interface Dealt {
  readonly corpus: Corpus;
  readonly rows: Int32Array;
  readonly from: number;
  readonly count: number;
}

/** Deals the rows of batch after batch out to so many hands, into the same arrays. */
export class Dealer {
  /** The rows of the batch dealt last, hand after hand; those of a hand in the batch's order. */
  readonly rows: Int32Array;
  /** [hands+1] where each hand's rows begin */
  readonly starts: Int32Array;
  /** rows by length: one number for both, which sorts the longest first and equals as they come */
  readonly #keys: Float64Array;
  readonly #handOf: Int32Array;
  readonly #tokens: Float64Array;

  constructor(hands: number, maxSequences: number) {
    this.rows = new Int32Array(maxSequences);
    this.starts = new Int32Array(hands + 1);
    this.#keys = new Float64Array(maxSequences);
    this.#handOf = new Int32Array(maxSequences);
    this.#tokens = new Float64Array(hands);
  }

  /**
   * Deals rows[from, from + count) of a corpus: the longest first, each to the hand with the fewest tokens.
   * No hand gets more than its share of the tokens and the longest row; with few rows some get none.
   */
  deal({ corpus: { starts }, rows, from, count }: Dealt): void {
    const hands = this.#tokens.length;
    const keys = this.#keys.subarray(0, count);
    for (let i = 0; i < count; i++) {
      const row = rows[from + i];
      keys[i] = (MOST - (starts[row + 1] - starts[row])) * MOST + i;
    }
    keys.sort();
    this.#tokens.fill(0);
    for (const key of keys) {
      let hand = 0;
      for (let other = 1; other < hands; other++) {
        if (this.#tokens[other] < this.#tokens[hand]) hand = other;
      }
      this.#tokens[hand] += MOST - Math.floor(key / MOST);
      this.#handOf[key % MOST] = hand;
    }
    let at = 0;
    for (let hand = 0; hand < hands; hand++) {
      for (let i = 0; i < count; i++) {
        if (this.#handOf[i] === hand) this.rows[at++] = rows[from + i];
      }
      this.starts[hand + 1] = at;
    }
  }
}
