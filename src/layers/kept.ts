/**
 * How many words, the most frequent, an lstm() keeps the projection of from text to text, so long as its parameters stay:
 * 2 MiB of them, or 8 where its weights, which are f32, take four times as much, too.
 * @param columns of a projection, which is f32
 * @param directions that share the bytes
 */
export function keptWords(
  tableRows: number,
  columns: number,
  isQuantised: boolean,
  directions: number,
): number {
  const bytes = (isQuantised ? 2 ** 21 : 2 ** 23) / directions;
  return Math.min(tableRows, Math.floor(bytes / (4 * columns)));
}
