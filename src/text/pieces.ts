import { endOfLastSpace } from './words.ts';

/** A text that arrives in pieces, of which the last word waits until white space shows that it is whole. */
export class Pieces {
  #waiting = '';

  /** @returns the words that are whole now, and were not before; empty where there are none */
  push(piece: string): string {
    const end = endOfLastSpace(piece);
    const whole = end > 0 ? this.#waiting + piece.slice(0, end) : '';
    this.#waiting = (end > 0 ? '' : this.#waiting) + piece.slice(end);
    return whole;
  }

  /** @returns what has waited */
  end(): string {
    const last = this.#waiting;
    this.#waiting = '';
    return last;
  }
}
