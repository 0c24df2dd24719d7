/**
 * Panels: how a product reads its right operand B [k,n], eight columns after eight.
 *   panels [n8/8][k][8]      n8 = n rounded up to 8; the added columns are zero
 */

/** panels of B [k, n], row-major with n floats a row. */
export function packRows(panels: usize, b: usize, k: i32, n: i32): void {
  packRowsAt(panels, b, k, n, n, k, 0);
}

/** Rows of B [rows, ldb] become rows at … at+rows of panels that are `depth` rows deep. */
export function packRowsAt(
  panels: usize, b: usize,
  rows: i32, n: i32, ldb: i32, depth: i32, at: i32,
): void {
  const panelStep = <usize>depth << 5;
  const whole = n & ~7;
  for (let p = 0; p < rows; p++) {
    let from = b + ((<usize>p * ldb) << 2);
    let to = panels + (<usize>(at + p) << 5);
    const end = from + (<usize>whole << 2);
    for (; from < end; from += 32, to += panelStep) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    if (whole < n) {
      v128.store(to, f32x4.splat(0));
      v128.store(to, f32x4.splat(0), 16);
      memory.copy(to, from, <usize>(n - whole) << 2);
    }
  }
}

/** panels of B = Wᵀ, where W [n, k] is a dense weight matrix (one row an output). */
export function packTransposed(panels: usize, w: usize, n: i32, k: i32): void {
  const row = <usize>k << 2;
  for (let j = 0; j < n; j += 8, panels += <usize>k << 5) {
    const r = min(8, n - j);
    let from = w + <usize>j * row;
    if (r < 8) memory.fill(panels, 0, <usize>k << 5);
    if (r == 8) {
      const lower = from + 4 * row;
      let to = panels;
      let p: usize = 0;
      for (; p < <usize>(k & ~3) << 2; p += 16, to += 128) {
        transpose4(to, from + p, row);
        transpose4(to + 16, lower + p, row);
      }
      for (; p < row; p += 4, to += 32) {
        for (let q: usize = 0; q < 8; q++) store<f32>(to + (q << 2), load<f32>(from + p + q * row));
      }
    } else {
      for (let q = 0; q < r; q++, from += row) {
        for (let p: usize = 0; p < <usize>k; p++) {
          store<f32>(panels + (p << 5) + (<usize>q << 2), load<f32>(from + (p << 2)));
        }
      }
    }
  }
}

/**
 * Four rows of four become four columns, written 32 bytes apart. Lane by lane: as fast as shuffles, of which an engine's
 * first compiler makes so much code that it counts as hot, and is compiled again, in the one pass that a model is packed in.
 */
@inline
function transpose4(to: usize, from: usize, row: usize): void {
  const r1 = from + row, r2 = r1 + row, r3 = r2 + row;
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from), 1), 2), 3));
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from, 4), 1, 4), 2, 4), 3, 4), 32);
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from, 8), 1, 8), 2, 8), 3, 8), 64);
  v128.store(to, v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, v128.load_lane<f32>(r1, v128.load32_zero(from, 12), 1, 12), 2, 12), 3, 12), 96);
}
