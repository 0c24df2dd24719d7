/** Bytes of projected words that an lstm() keeps from text to text, so long as its parameters stay: the most frequent. */
export const KEPT_BYTES = 2 ** 21;
