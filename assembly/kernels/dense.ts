/**
 * Dense (fully connected) layer.
 *   y = W·x + b
 * Parameters weight [O,I] and bias [O], as PyTorch's Linear. Panels of the weights are packed once after
 * each change of the parameters.
 */
import { matmul } from '../matmul';
import { packRows, packTransposed } from '../panels';
import { matmulQuantised } from '../quantise';
import { addScaled, copyRow, stride } from '../simd';
import { matmulTransposedA } from '../transposed';

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
 * Reads   x [rows,I8] · panels of densePack · bias [O] (0: none)
 * Cost    2·rows·I·O8 flop
 */
export function denseForward(y: usize, x: usize, panels: usize, bias: usize, rows: i32, I: i32, O: i32): void {
  fillBias(y, bias, rows, O);
  matmul(y, x, panels, rows, O, I, stride(I), stride(O), 1);
}

/** denseForward with panels of packQuantised. Scratch  matmulQuantisedScratch(I) floats. */
export function denseForwardQuantised(
  y: usize, x: usize, panels: usize, bias: usize, scratch: usize,
  rows: i32, I: i32, O: i32,
): void {
  fillBias(y, bias, rows, O);
  matmulQuantised(y, x, panels, scratch, rows, O, I, stride(O), 1);
}

/** Every row of y [rows,O8] = bias [O] (0: zero), its padding zero. */
function fillBias(y: usize, bias: usize, rows: i32, O: i32): void {
  const O8 = stride(O);
  for (let r = 0; r < rows; r++, y += <usize>O8 << 2) copyRow(y, bias, bias ? O : 0, O8);
}

/** dWeight [O,I] += dYᵀ·x. Scratch  matmulTransposedAScratch(I) floats. */
export function denseWeightGradient(dWeight: usize, dY: usize, x: usize, scratch: usize, rows: i32, I: i32, O: i32): void {
  matmulTransposedA(dWeight, dY, x, scratch, O, I, rows, stride(O), stride(I));
}

/** dBias [O] += sum of dY [rows,O8] over the rows. */
export function denseBiasGradient(dBias: usize, dY: usize, rows: i32, O: i32): void {
  const step = <usize>stride(O) << 2;
  for (let r = 0; r < rows; r++, dY += step) addScaled(dBias, dY, O, 1);
}

/** dX [rows,I8] = dY [rows,O8] · W, or += with `accumulate`, from panels of densePackBackward. */
export function denseInputGradient(dX: usize, dY: usize, panels: usize, rows: i32, I: i32, O: i32, accumulate: i32): void {
  matmul(dX, dY, panels, rows, I, O, stride(O), stride(I), accumulate);
}
