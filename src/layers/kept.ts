/** Bytes of projections that an lstm() keeps from text to text: four times as many where its weights take four times as much. */
const KEPT_BYTES = { int8: 2 ** 21, f32: 2 ** 23 };

/**
 * How many words, the most frequent, an lstm() keeps the projection of, so long as its parameters stay.
 * @param columns of a projection, which is f32
 * @param directions that share the bytes
 */
export function keptWords(
  tableRows: number,
  columns: number,
  isQuantised: boolean,
  directions: number,
): number {
  const bytes = KEPT_BYTES[isQuantised ? 'int8' : 'f32'] / directions;
  return Math.min(tableRows, Math.floor(bytes / (4 * columns)));
}
