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
export interface Dealer {
  /** The rows of the batch dealt last, hand after hand; those of a hand in the batch's order. */
  readonly rows: Int32Array;
  /** [hands+1] where each hand's rows begin */
  readonly starts: Int32Array;
  /**
   * Deals rows[from, from + count) of a corpus: the longest first, each to the hand with the fewest tokens.
   * No hand gets more than its share of the tokens and the longest row; with few rows some get none.
   */
  deal(batch: Dealt): void;
}

/** A dealer for batches of at most so many rows. */
export function dealerFor(hands: number, maxSequences: number): Dealer {
  const dealt = new Int32Array(maxSequences);
  const dealtStarts = new Int32Array(hands + 1);
  /** rows by length: one number for both, which sorts the longest first and equals as they come */
  const allKeys = new Float64Array(maxSequences);
  const handOf = new Int32Array(maxSequences);
  const tokens = new Float64Array(hands);
  return {
    rows: dealt,
    starts: dealtStarts,
    deal({ corpus: { starts }, rows, from, count }) {
      const keys = allKeys.subarray(0, count);
      for (let i = 0; i < count; i++) {
        const row = rows[from + i];
        keys[i] = (MOST - (starts[row + 1] - starts[row])) * MOST + i;
      }
      keys.sort();
      tokens.fill(0);
      for (const key of keys) {
        let hand = 0;
        for (let other = 1; other < hands; other++) if (tokens[other] < tokens[hand]) hand = other;
        tokens[hand] += MOST - Math.floor(key / MOST);
        handOf[key % MOST] = hand;
      }
      let at = 0;
      for (let hand = 0; hand < hands; hand++) {
        for (let i = 0; i < count; i++) if (handOf[i] === hand) dealt[at++] = rows[from + i];
        dealtStarts[hand + 1] = at;
      }
    },
  };
}
