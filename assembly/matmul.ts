/**
 * Matrix products in f32 whose right operand lies in panels.
 * Every element is summed over k in the same order whatever the tile, so a row's result does not
 * depend on the rows beside it.
 */
import { tileRows } from './simd';
import { TILE, tile1x4, tileOf } from './tile';

/** Depth of a block: a panel of 512×8 floats (16 KB) stays in the L1 cache. */
const BLOCK_K: i32 = 512;
/** Rows of A that stay in the L2 cache while the panels pass by; a multiple of either tile. */
const BLOCK_M: i32 = 60;

/**
 * C = A·B, or C += A·B with `accumulate`.
 * Writes  c [m, ldc], all n8 columns
 * Reads   a [m, lda] · panels of B [k, n]      lda, ldc in floats
 * Cost    2·m·n8·k flop
 */
export function matmul(
  c: usize, a: usize, panels: usize,
  m: i32, n: i32, k: i32, lda: i32, ldc: i32, accumulate: i32,
): void {
  const aStep = <usize>lda << 2;
  const cStep = <usize>ldc << 2;
  let add = accumulate != 0;
  for (let k0 = 0; k0 < k; k0 += BLOCK_K) {
    const kb = min(BLOCK_K, k - k0);
    for (let i0 = 0; i0 < m; i0 += BLOCK_M) {
      const end = min(m, i0 + BLOCK_M);
      let j = 0;
      if (end - i0 == 1) {
        for (; j + 32 <= n; j += 32) {
          const panel = panels + ((<usize>j * k + (<usize>k0 << 3)) << 2);
          const row = a + <usize>i0 * aStep + (<usize>k0 << 2);
          tile1x4(c + <usize>i0 * cStep + (<usize>j << 2), row, panel, kb, <usize>k << 5, add);
        }
      }
      for (; j < n; j += 8) {
        const panel = panels + ((<usize>j * k + (<usize>k0 << 3)) << 2);
        for (let i = i0, rows = 0; i < end; i += rows) {
          rows = tileRows(end - i, TILE);
          tileOf(
            rows,
            c + <usize>i * cStep + (<usize>j << 2), a + <usize>i * aStep + (<usize>k0 << 2), panel,
            kb, cStep, aStep, 4, add,
          );
        }
      }
    }
    add = true;
  }
}
