import { endOfLastSpace } from './words.ts';

/** A text that arrives in pieces, of which the last word waits until white space shows that it is whole. */
export interface Pieces {
  /** @returns the words that are whole now, and were not before; empty where there are none */
  push(piece: string): string;
  /** @returns what has waited */
  end(): string;
}

/** A text of which nothing has arrived. */
export function awaitPieces(): Pieces {
  let waiting = '';
  return {
    push(piece) {
      const end = endOfLastSpace(piece);
      const whole = end > 0 ? waiting + piece.slice(0, end) : '';
      waiting = (end > 0 ? '' : waiting) + piece.slice(end);
      return whole;
    },
    end() {
      const last = waiting;
      waiting = '';
      return last;
    },
  };
}
