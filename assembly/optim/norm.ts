import { squaresOfRows } from '../rows';

/**
 * Σ x², for the global norm of the gradients; products and sums in float64.
 * Returns the sum
 * Reads   x      rows of width
 * Error   ≤ 2e-14 (measured)
 */
export function sumSquares(x: usize, list: usize, rows: i32, width: i32): f64 {
  return squaresOfRows(x, list, rows, width);
}

/**
 *   sum += Σ x²
 * Adds to sum [1] f64
 * Reads   x      rows of width
 */
export function addSquares(sum: usize, x: usize, list: usize, rows: i32, width: i32): void {
  store<f64>(sum, load<f64>(sum) + squaresOfRows(x, list, rows, width));
}
