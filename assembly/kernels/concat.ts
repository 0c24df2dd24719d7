import { copyRow, stride } from '../simd';

/**
 * The columns of a, then those of b: the two directions of an LSTM side by side.
 *   y_r = a_r[0..Ca] | b_r[0..Cb] | 0
 * Writes  y [rows,stride(Ca+Cb)]
 * Reads   a [rows,Ca8] · b [rows,Cb8]
 * Error   0
 */
export function concatForward(y: usize, a: usize, b: usize, rows: i32, Ca: i32, Cb: i32): void {
  const aBytes = <usize>Ca << 2;
  for (let r = 0; r < rows; r++) {
    memory.copy(y, a, aBytes);
    copyRow(y + aBytes, b, Cb, stride(Ca + Cb) - Ca);
    y += <usize>stride(Ca + Cb) << 2;
    a += <usize>stride(Ca) << 2;
    b += <usize>stride(Cb) << 2;
  }
}

/**
 *   dA_r = dY_r[0..Ca]      dB_r = dY_r[Ca..Ca+Cb]
 * Writes  dA [rows,Ca8] · dB [rows,Cb8]
 * Reads   dY [rows,stride(Ca+Cb)]
 * Error   0
 */
export function concatBackward(dA: usize, dB: usize, dY: usize, rows: i32, Ca: i32, Cb: i32): void {
  const aBytes = <usize>Ca << 2;
  for (let r = 0; r < rows; r++) {
    copyRow(dA, dY, Ca, stride(Ca));
    copyRow(dB, dY + aBytes, Cb, stride(Cb));
    dY += <usize>stride(Ca + Cb) << 2;
    dA += <usize>stride(Ca) << 2;
    dB += <usize>stride(Cb) << 2;
  }
}
