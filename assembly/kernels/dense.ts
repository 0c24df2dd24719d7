/**
 * Dense (fully connected) layer.
 *   y = W·x + b
 * Parameters weight [O,I] and bias [O], as PyTorch's Linear. Panels of the weights are packed once after
 * each change of the parameters.
 */
import { matmul, matmulTransposedA, packRows, packTransposed } from '../matmul';
import { stride } from '../simd';

/** panels [O8/8][I][8] of weight [O,I], for denseForward. */
export function densePack(panels: usize, weight: usize, I: i32, O: i32): void {
  packTransposed(panels, weight, O, I);
}

/** panels [I8/8][O][8] of weight [O,I], for denseInputGradient. */
export function densePackBackward(panels: usize, weight: usize, I: i32, O: i32): void {
  packRows(panels, weight, O, I);
}

/**
 * Writes  y [rows,O8]
 * Reads   x [rows,I8] · panels of densePack · bias [O]
 * Cost    2·rows·I·O8 flop
 */
export function denseForward(y: usize, x: usize, panels: usize, bias: usize, rows: i32, I: i32, O: i32): void {
  const O8 = stride(O);
  const bytes = <usize>O << 2;
  for (let r = 0, to = y; r < rows; r++, to += <usize>O8 << 2) {
    memory.copy(to, bias, bytes);
    memory.fill(to + bytes, 0, (<usize>O8 << 2) - bytes);
  }
  matmul(y, x, panels, rows, O, I, stride(I), O8, 1);
}

/** dWeight [O,I] += dYᵀ·x. Scratch  matmulTransposedAScratch(I) floats. */
export function denseWeightGradient(dWeight: usize, dY: usize, x: usize, scratch: usize, rows: i32, I: i32, O: i32): void {
  matmulTransposedA(dWeight, dY, x, scratch, O, I, rows, stride(O), stride(I));
}

/** dBias [O] += sum of dY [rows,O8] over the rows. */
export function denseBiasGradient(dBias: usize, dY: usize, rows: i32, O: i32): void {
  const step = <usize>stride(O) << 2;
  for (let j: usize = 0; j < <usize>O << 2; j += 4) {
    let sum: f32 = 0;
    for (let r = 0, from = dY + j; r < rows; r++, from += step) sum += load<f32>(from);
    store<f32>(dBias + j, load<f32>(dBias + j) + sum);
  }
}

/** dX [rows,I8] = dY [rows,O8] · W, from panels of densePackBackward. */
export function denseInputGradient(dX: usize, dY: usize, panels: usize, rows: i32, I: i32, O: i32): void {
  matmul(dX, dY, panels, rows, I, O, stride(O), stride(I), 0);
}
