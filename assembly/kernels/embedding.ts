import { addScaled, addScaledI8, stride } from '../simd';

/**
 * A distinct token is a bag of rows of the table, and shows as their mean; an empty bag shows as zero.
 *   x_u = Σ_{s in bag u} table[bagIds_s] / |bag u|      bag u = bagStart[u] … bagStart[u+1] − 1
 * Writes  x [U,E8]
 * Reads   table [V,E] dense · bagStart [U+1] · bagIds [bagStart[U]]
 * Error   ≤ 2e-7 of the largest element (measured); a bag of one row is a copy
 * Cost    2·S·E flop for S bag entries
 * Source  bag of n-grams as in Bojanowski et al. 2017 (fastText)
 */
export function embeddingForward(x: usize, table: usize, bagStart: usize, bagIds: usize, U: i32, E: i32): void {
  const rowBytes = <usize>stride(E) << 2;
  memory.fill(x, 0, <usize>U * rowBytes);
  for (let u = 0; u < U; u++) {
    const start = load<i32>(bagStart + (<usize>u << 2));
    const end = load<i32>(bagStart + (<usize>u << 2), 4);
    const share = <f32>1 / <f32>(end - start);
    for (let s = start; s < end; s++) addScaled(x, row(table, bagIds, s, E), E, share);
    x += rowBytes;
  }
}

/**
 * embeddingForward of an int8 table, each row times its scale.
 * Writes  x [U,E8]
 * Reads   table [V,E] i8 dense · scales [V] · bagStart [U+1] · bagIds [bagStart[U]]
 */
export function embeddingForwardQuantised(
  x: usize, table: usize, scales: usize, bagStart: usize, bagIds: usize,
  U: i32, E: i32,
): void {
  const rowBytes = <usize>stride(E) << 2;
  memory.fill(x, 0, <usize>U * rowBytes);
  for (let u = 0; u < U; u++) {
    const start = load<i32>(bagStart + (<usize>u << 2));
    const end = load<i32>(bagStart + (<usize>u << 2), 4);
    const share = <f32>1 / <f32>(end - start);
    for (let s = start; s < end; s++) {
      const id = <usize>load<i32>(bagIds + (<usize>s << 2));
      addScaledI8(x, table + id * <usize>E, E, load<f32>(scales + (id << 2)) * share);
    }
    x += rowBytes;
  }
}

/**
 *   dTable[slots[id]] += dX_u / |bag u|      for every id of bag u, in order
 * Adds to dTable [·,E] dense: of the table's rows it has only those that the batch shows
 * Reads   dX [U,E8] · slots [V], for the rows shown · bagStart [U+1] · bagIds [bagStart[U]]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function embeddingBackward(
  dTable: usize, dX: usize, slots: usize, bagStart: usize, bagIds: usize,
  U: i32, E: i32,
): void {
  const rowBytes = <usize>stride(E) << 2;
  for (let u = 0; u < U; u++) {
    const start = load<i32>(bagStart + (<usize>u << 2));
    const end = load<i32>(bagStart + (<usize>u << 2), 4);
    const share = <f32>1 / <f32>(end - start);
    for (let s = start; s < end; s++) {
      const id = load<i32>(bagIds + (<usize>s << 2));
      const slot = <usize>load<i32>(slots + (<usize>id << 2));
      addScaled(dTable + ((slot * <usize>E) << 2), dX, E, share);
    }
    dX += rowBytes;
  }
}

/** The table's row that bag entry s names. */
@inline function row(table: usize, bagIds: usize, s: i32, E: i32): usize {
  return table + ((<usize>load<i32>(bagIds + (<usize>s << 2)) * <usize>E) << 2);
}
