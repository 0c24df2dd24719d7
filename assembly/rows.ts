// What moves parameters works on rows of a matrix [·, width], dense: those that a list of row numbers names, or, where
// the list is 0, the first `rows`. A parameter that moves as a whole is one row. Any width, any alignment.
//   for (let r = 0; r < rows; r++) {
//     const at = rowAt(list, r, width);
//     for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) put(p + k, end - k, f(take(p + k, end - k)));
//   }
// The gradient of a matrix whose rows are listed has a row for each of these alone, in the order of the list.

/** Bytes from the first row of the matrix to the r-th that is to be visited. */
@inline export function rowAt(list: usize, r: i32, width: i32): usize {
  return <usize>(list ? load<i32>(list + (<usize>r << 2)) : r) * (<usize>width << 2);
}

/** What k, which runs over the matrix's r-th row from `at` on, is to be added to for the gradient there. */
@inline export function gradientAt(g: usize, r: i32, width: i32, at: usize): usize {
  return g + rowAt(0, r, width) - at;
}

/** Four numbers, or of the last one to three, and zeros behind them. */
export function take(from: usize, leftBytes: usize): v128 {
  if (leftBytes >= 16) return v128.load(from);
  if (leftBytes == 4) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return leftBytes == 8 ? two : v128.load_lane<f32>(from + 8, two, 2);
}

/** Writes what take() took. */
export function put(to: usize, leftBytes: usize, x: v128): void {
  if (leftBytes >= 16) v128.store(to, x);
  else if (leftBytes == 4) v128.store_lane<f32>(to, x, 0);
  else {
    v128.store_lane<f64>(to, x, 0);
    if (leftBytes == 12) v128.store_lane<f32>(to + 8, x, 2);
  }
}

/** Σ x² of the rows; products and sums in float64. */
export function squaresOfRows(x: usize, list: usize, rows: i32, width: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let r = 0; r < rows; r++) {
    const at = rowAt(list, r, width);
    for (let k = at, end = at + (<usize>width << 2); k < end; k += 16) {
      const four = take(x + k, end - k);
      const a = f64x2.promote_low_f32x4(four);
      const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 0, 1));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
  }
  const pair = f64x2.add(low, high);
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}
