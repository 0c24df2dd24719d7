/** AᵀB: the gradient of a weight matrix. */
import { packRowsAt } from './panels';
import { stride } from './simd';
import { TILE, tileOf } from './tile';

/** Depth of a block: both operands are packed block by block. */
const BLOCK_ROWS: i32 = 400;
/** Columns of A that stay in the L2 cache while the panels of B pass by; a multiple of either tile. */
const BLOCK_M: i32 = 60;

/** Floats of scratch that matmulTransposedA needs. */
export function matmulTransposedAScratch(n: i32): i32 {
  return BLOCK_ROWS * (stride(n) + BLOCK_M) + TILE * 8;
}

/**
 * C += Aᵀ·B: the gradient of a weight matrix, summed over all rows of a batch.
 * Writes  c [m, n] dense
 * Reads   a [rows, lda] · b [rows, ldb]     lda, ldb in floats
 * Cost    2·m·n8·rows flop, packing included
 */
export function matmulTransposedA(
  c: usize, a: usize, b: usize, scratch: usize,
  m: i32, n: i32, rows: i32, lda: i32, ldb: i32,
): void {
  const panels = scratch; // [n8/8][kb][8]
  const packedA = panels + (<usize>(BLOCK_ROWS * stride(n)) << 2); // [tiles][kb][tile rows]
  const edge = packedA + (<usize>(BLOCK_ROWS * BLOCK_M) << 2); // [tile rows][8], the last panel of a ragged n
  const cStep = <usize>n << 2;
  const whole = n & ~7;
  for (let k0 = 0; k0 < rows; k0 += BLOCK_ROWS) {
    const kb = min(BLOCK_ROWS, rows - k0);
    packRowsAt(panels, b + ((<usize>k0 * ldb) << 2), kb, n, ldb, kb, 0);
    for (let i0 = 0; i0 < m; i0 += BLOCK_M) {
      const mb = min(BLOCK_M, m - i0);
      packTiles(packedA, a + ((<usize>k0 * lda + i0) << 2), kb, mb, lda);
      for (let j = 0; j < n; j += 8) {
        const panel = panels + ((<usize>j * kb) << 2);
        for (let i = 0; i < mb; i += TILE) {
          const r = min(TILE, mb - i);
          const tileA = packedA + ((<usize>i * kb) << 2);
          const target = c + <usize>(i0 + i) * cStep + (<usize>j << 2);
          if (j < whole) {
            tileOf(r, target, tileA, panel, kb, cStep, 4, <usize>r << 2, true);
          } else {
            tileOf(r, edge, tileA, panel, kb, 32, 4, <usize>r << 2, false);
            addEdge(target, edge, r, n - whole, cStep);
          }
        }
      }
    }
  }
}

/** C [rows, columns] += edge [rows, 8], for the columns beyond the last whole panel. */
function addEdge(c: usize, edge: usize, rows: i32, columns: i32, cStep: usize): void {
  for (let r = 0; r < rows; r++, c += cStep, edge += 32) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) {
      store<f32>(c + j, load<f32>(c + j) + load<f32>(edge + j));
    }
  }
}

/** A [k, lda] → [m/tile][k][tile rows], the last tile narrower: reads along the rows, writes in order. */
function packTiles(packed: usize, a: usize, k: i32, m: i32, lda: i32): void {
  const aStep = <usize>lda << 2;
  for (let i = 0; i < m; i += TILE) {
    const r = min(TILE, m - i);
    let from = a + (<usize>i << 2);
    const end = packed + (<usize>(k * r) << 2);
    if (r == TILE) {
      for (; packed < end; packed += TILE * 4, from += aStep) {
        v128.store(packed, v128.load(from));
        store<f32>(packed, load<f32>(from, 16), 16);
        if (ASC_FEATURE_RELAXED_SIMD) store<f32>(packed, load<f32>(from, 20), 20);
      }
    } else {
      for (; packed < end; packed += <usize>r << 2, from += aStep) {
        memory.copy(packed, from, <usize>r << 2);
      }
    }
  }
}
