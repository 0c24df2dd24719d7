import { multiplyRows } from '../matvec';
import { quantiseRows } from '../quantise';
import { addScaled, stride } from '../simd';

/**
 * denseForward with int8 weights as matvec.ts reads them.
 * Writes  y [rows,O8]
 * Reads   x [rows,I8] · weight [O,I] i16 · scales [O] · bias [O]
 * Scratch q: I8 + 64 floats, zero at first
 */
export function denseTextForward(
  y: usize, x: usize, weight: usize, scales: usize, bias: usize, q: usize,
  rows: i32, I: i32, O: i32,
): void {
  for (let r = 0; r < rows; r++) {
    quantiseRows(q, x, 1, I);
    multiplyRows(y, q, weight, scales, O, I);
    addScaled(y, bias, O, 1);
    y += <usize>stride(O) << 2;
    x += <usize>stride(I) << 2;
  }
}
