/** Floats that a row of `columns` activations occupies: rounded up to whole pairs of vectors, as in assembly/simd.ts. */
export function stride(columns: number): number {
  return Math.ceil(columns / 8) * 8;
}
