/**
 * What recurrent cells of G gates have in common: their weights, the projection of the input, the gradients of
 * both. Parameters are dense, gate after gate: weight [G·H,C], bias [G·H]. Inside, each gate takes H8 columns, so a
 * row of gates is G·H8 floats and whole panels belong to one gate. C is D for weightIH, H for weightHH.
 */
import { matmul } from '../matmul';
import { packRowsAt, packTransposed } from '../panels';
import { matmulQuantised, packQuantised, quantisedPanelBytes } from '../quantise';
import { put, take } from '../rows';
import { copyRow, stride } from '../simd';
import { matmulTransposedA } from '../transposed';

/**
 * Weights as the forward pass reads them.
 * Writes  panels [G·H8/8][C][8]
 * Reads   weight [G·H,C]
 */
export function gatesPack(panels: usize, weight: usize, C: i32, H: i32, G: i32): void {
  const H8 = stride(H);
  for (let gate = 0; gate < G; gate++) {
    packTransposed(panels + (<usize>(gate * H8 * C) << 2), weight + (<usize>(gate * H * C) << 2), H, C);
  }
}

/**
 * Int8 weights as the forward pass reads them.
 * Writes  panels as packQuantised, gate after gate
 * Reads   weight [G·H,C] i8 · scales [G·H]
 */
export function gatesPackQuantised(panels: usize, weight: usize, scales: usize, C: i32, H: i32, G: i32): void {
  const panelBytes = <usize>(stride(H) >> 3) * quantisedPanelBytes(C);
  for (let gate = 0; gate < G; gate++) {
    const first = <usize>(gate * H);
    packQuantised(panels + <usize>gate * panelBytes, weight + first * C, scales + (first << 2), H, C);
  }
}

/**
 * Weights as the backward pass reads them, the gates' rows at their padded places.
 * Writes  panels [C8/8][G·H8][8]
 * Reads   weight [G·H,C]
 */
export function gatesPackBackward(panels: usize, weight: usize, C: i32, H: i32, G: i32): void {
  const H8 = stride(H);
  if (H8 > H) memory.fill(panels, 0, <usize>(stride(C) * G * H8) << 2);
  for (let gate = 0; gate < G; gate++) {
    packRowsAt(panels, weight + (<usize>(gate * H * C) << 2), H, C, C, G * H8, gate * H8);
  }
}

/** row [G·H8] = vector [G·H], gate by gate, zeros between: of a bias, or of weights that stand beside each unit. */
export function gatesRow(row: usize, vector: usize, H: i32, G: i32): void {
  const H8 = stride(H);
  for (let gate = 0; gate < G; gate++) {
    copyRow(row + (<usize>(gate * H8) << 2), vector + (<usize>(gate * H) << 2), H, H8);
  }
}

/**
 * projected [rows,G·H8] = x [rows,C8] · Wᵀ, without the bias.
 * Reads   panels of gatesPack; with scratch (matmulQuantisedScratch(C) floats) of gatesPackQuantised
 * Cost    2·rows·G·H8·C flop
 */
export function gatesProject(
  projected: usize, x: usize, panels: usize, scratch: usize,
  rows: i32, C: i32, H: i32, G: i32,
): void {
  const width = G * stride(H);
  if (scratch) matmulQuantised(projected, x, panels, scratch, rows, width, C, width, 0);
  else matmul(projected, x, panels, rows, width, C, stride(C), width, 0);
}

/**
 * dWeight [G·H,C] += dGatesᵀ·x
 * Reads   dGates [rows,width], of which the first G·H8 columns · x [rows,C8]
 * Scratch matmulTransposedAScratch(C) floats
 * Cost    2·rows·G·H·C8 flop
 */
export function gatesWeightGradient(
  dWeight: usize, dGates: usize, x: usize, scratch: usize,
  rows: i32, C: i32, H: i32, G: i32, width: i32,
): void {
  const H8 = stride(H);
  if (H == H8) {
    matmulTransposedA(dWeight, dGates, x, scratch, G * H, C, rows, width, stride(C));
    return;
  }
  for (let gate = 0; gate < G; gate++) {
    matmulTransposedA(
      dWeight + (<usize>(gate * H * C) << 2), dGates + (<usize>(gate * H8) << 2), x, scratch,
      H, C, rows, width, stride(C),
    );
  }
}

/** dBias [G·H] += sum of dGates [rows,G·H8] over the rows: column by column, as many at once as a cache line has. */
export function gatesBiasGradient(dBias: usize, dGates: usize, rows: i32, H: i32, G: i32): void {
  const H8 = stride(H);
  const rowBytes = <usize>(G * H8) << 2;
  for (let gate = 0; gate < G; gate++) {
    for (let j = 0; j < H; j += 16) {
      let from = dGates + (<usize>(gate * H8 + j) << 2);
      const half: usize = j + 8 < H ? 32 : 0; // without a second half the first one twice
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let r = 0; r < rows; r++, from += rowBytes) {
        s0 = f32x4.add(s0, v128.load(from));
        s1 = f32x4.add(s1, v128.load(from, 16));
        s2 = f32x4.add(s2, v128.load(from + half));
        s3 = f32x4.add(s3, v128.load(from + half, 16));
      }
      const to = dBias + (<usize>(gate * H + j) << 2);
      addLanes(to, s0, H - j);
      addLanes(to + 16, s1, H - j - 4);
      addLanes(to + 32, s2, H - j - 8);
      addLanes(to + 48, s3, H - j - 12);
    }
  }
}

/** to += the first `count` lanes, at most four. */
function addLanes(to: usize, sum: v128, count: i32): void {
  const left = <usize>count << 2;
  if (count > 0) put(to, left, f32x4.add(take(to, left), sum));
}

/**
 * dX [rows,C8] = dGates [rows,G·H8] · W, from panels of gatesPackBackward; += with `accumulate`, as the second
 * direction needs.
 */
export function gatesInputGradient(
  dX: usize, dGates: usize, panels: usize,
  rows: i32, C: i32, H: i32, G: i32, accumulate: i32,
): void {
  const width = G * stride(H);
  matmul(dX, dGates, panels, rows, C, width, width, stride(C), accumulate);
}

/**
 * State after the last step of each sequence read forward: where the next chunk of a stream begins.
 * Writes  last [B,C8]
 * Reads   state [N,C8] · steps [T]
 */
export function lastState(last: usize, state: usize, steps: usize, T: i32, C: i32): void {
  const row = <usize>stride(C) << 2;
  for (let t = 0; t < T; t++) {
    const bytes = <usize>load<i32>(steps + (<usize>t << 2)) * row;
    memory.copy(last, state, bytes);
    state += bytes;
  }
}
